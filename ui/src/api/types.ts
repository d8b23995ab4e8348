/** What the API answers with. Written by `python -m tools.typescript` from the document of the API. */

export interface Acknowledged {
  sessions: number;
  spans: number;
  rejected: number;
  problems: Rejection[];
}

export interface Answered {
  message: unknown;
  text: string;
  reasoning: string;
  tool_calls: ToolCall[];
  finish_reason: string | null;
  usage: Usage;
  cost: number | null;
  response_id: string | null;
  model: string | null;
  service_tier: string | null;
  first_token: number | null;
  verb: string | null;
  complete: boolean;
  error: string | null;
}

export interface Asked {
  provider: string;
  dialect: string;
  kind: string;
  verb: string;
  model: string | null;
  context: string | null;
  streams: boolean;
  framing: string;
  parameters: Record<string, unknown>;
  tools: string[];
  usage_streams: boolean;
  inputs: number;
}

export interface Author {
  session: string;
  trace_id: string | null;
  span_id: string | null;
}

export interface Begun {
  token: string;
  session: string;
  calls: number;
  bases: Record<string, string>;
  verdict: string;
  idle_seconds: number;
}

export interface Beyond {
  tokens: number;
  rate: number;
}

export interface BucketPrice {
  bucket: string;
  rate: number | null;
  beyond: Beyond[];
}

export interface Charge {
  bucket: string;
  tokens: number;
  rate: number;
  paid_as: string;
  cost: number;
}

export interface CheckWish {
  labels?: Record<string, string>;
  since?: string | null;
  until?: string | null;
  sample?: number;
  at_once?: number;
  on_divergence?: "live" | "serve" | "stop";
  patience?: number;
}

export interface Checkpoint {
  span: SpanRow;
  digest: string;
  state: string | null;
  is_whole: boolean;
  is_automatic: boolean;
}

export interface CheckpointPage {
  items: Checkpoint[];
  next: string | null;
}

export interface CollectionStatistics {
  project: string;
  collection: string;
  owner: string;
  records: number;
  characters: number;
  changed: string | null;
  models: Record<string, number>;
}

export interface CollectionStatisticsPage {
  items: CollectionStatistics[];
  next: string | null;
}

export interface CollectionVectors {
  collection: string;
  owner: string;
  serving: string;
  made: number;
  of: number;
  others: number;
}

export interface Compacted {
  operations: number;
  /** An integer as decimal text. */
  horizon: string;
}

export interface CompactedPage {
  items: Compacted[];
  next: string | null;
}

export interface Compaction {
  before: number;
  keeping?: number[];
}

export interface Comparison {
  same: boolean;
  items: Told[];
  outputs: string[];
}

export interface Completion {
  start: number;
  items: Suggestion[];
}

export interface ContextRef {
  id: string;
  markers: Marker[];
}

export interface Conversation {
  context: string;
  total: number;
  messages: Message[];
}

export interface Differences {
  items: Record<string, unknown>[];
}

export interface EditedFile {
  path: string;
  edit: SpanRow;
  is_edited: boolean;
  content: string | null;
}

export interface EditedFilePage {
  items: EditedFile[];
  next: string | null;
}

export interface Entry {
  name: string;
  kind: "file" | "folder" | "left out" | "link";
  mode: number;
  size: number;
  hash: string | null;
  target: string;
  is_redacted: boolean;
  why: string;
}

export interface ErrorBody {
  error: ErrorTold;
}

export interface ErrorTold {
  kind: string;
  message: string;
  hint?: string;
  column?: number | null;
}

export interface Estimate {
  source: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  since: string;
  service_tier: string | null;
  charges: Charge[];
  cost: number;
}

export interface Event {
  name: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  time: string;
  attributes: Record<string, unknown>;
  dropped_attributes: number;
}

export interface Examination {
  folder: string;
  exists: boolean;
  format: number | null;
  problems: string[];
  lag: Lag | null;
  indexer: number | null;
  statistics: Statistics | null;
  sqlite_version: string;
}

export interface Exchange {
  recorded: boolean;
  grade: "complete" | "none" | "redacted" | "request only" | "truncated" | null;
  operation: string;
  seam: string;
  address: string;
  site: string;
  digest: string;
  asked: Side | null;
  answered: Side | null;
  understood: Asked | null;
  reply: Answered | null;
  kept: Kept[];
}

export interface Field {
  name: string;
  kind:
    | "attribute"
    | "beginning"
    | "choice"
    | "count"
    | "duration"
    | "id"
    | "label"
    | "money"
    | "score"
    | "time"
    | "words";
  meaning: string;
  example: string;
  subjects: ("sessions" | "spans")[];
  values: string[];
}

export interface FieldPage {
  items: Field[];
  next: string | null;
}

export interface Finding {
  level: "fine" | "problem" | "warning";
  text: string;
  hint: string;
}

export interface Forgotten {
  records: number;
  versions: number;
  vectors: number;
  numbers: number[];
}

export interface ForkWish {
  at: number | string;
  patches?: Record<string, unknown>;
  tail?: "hybrid" | "live" | "script";
  script?: unknown[];
}

export interface Health {
  examination: Examination;
  findings: Finding[];
  program: string;
}

export interface Hit {
  span: SpanRow;
  score: number;
  snippet: string;
  content: string | null;
  passages: Passage[];
}

export interface HitPage {
  items: Hit[];
  next: string | null;
}

export interface Ingested {
  place: string;
  chunks: number;
  changed: number;
  removed: number;
  problem: string;
}

export interface Job {
  id: string;
  kind: "check" | "fork" | "replay";
  project: string;
  session: string | null;
  status: "cancelled" | "completed" | "failed" | "running" | "timed out" | "waiting";
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  created: string;
  started: string | null;
  ended: string | null;
  progress: JobProgress | null;
  result: Record<string, unknown> | null;
  exit_code: number | null;
  said: string;
}

export interface JobPage {
  items: Job[];
  next: string | null;
}

export interface JobProgress {
  done: number;
  of: number;
}

export interface Kept {
  role: string;
  hash: string;
}

export interface KeptEntry {
  path: string;
  entry: Entry;
}

export interface KeptEntryPage {
  items: KeptEntry[];
  next: string | null;
}

export interface KnownFacts {
  namespace: string;
  agent: string;
  keys: number;
  hash: string | null;
}

export interface KnownMemory {
  collection: string;
  owner: string;
  records: number;
  hash: string | null;
}

export interface Lag {
  journals: number;
  bytes: number;
  damaged: string[];
}

export interface Link {
  trace_id: string;
  span_id: string;
  trace_state: string;
  flags: number;
  attributes: Record<string, unknown>;
  dropped_attributes: number;
}

export interface Listed {
  provider: string;
  model: string;
  source: string;
}

export interface ListedPage {
  items: Listed[];
  next: string | null;
}

export interface Marker {
  message: number;
  path: (string | number)[];
  value: unknown;
}

export interface Measure {
  bucket: string | null;
  dimensions: Record<string, string | null>;
  spans: number;
  errors: number;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  duration: string;
  usage: Usage;
  cost: number;
  percentiles: Percentiles;
  sessions: number;
}

export interface MeasurePage {
  items: Measure[];
  next: string | null;
}

export interface Member {
  depth: number;
  row: Session;
}

export interface MemberPage {
  items: Member[];
  next: string | null;
}

export interface MemoryChange {
  /** An integer as decimal text. */
  position: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  changed: string;
  written: number;
  removed: number;
  author: Author | null;
}

export interface MemoryChangePage {
  items: MemoryChange[];
  next: string | null;
}

export interface MemoryHits {
  by: "both" | "meaning" | "words";
  note: string;
  reranker: string;
  items: ToldMemoryHit[];
  next: string | null;
}

export interface MemoryVectors {
  model: string;
  status: "cancelled" | "failed" | "idle" | "running" | "waiting";
  said: string;
  made: number;
  of: number;
  collections: CollectionVectors[];
}

export interface Message {
  place: number;
  content: string;
  role: string | null;
  message: unknown;
  is_missing: boolean;
}

export interface Origin {
  session: string;
  seq: number;
}

export interface Passage {
  text: string;
  matches: boolean;
}

export interface Percentiles {
  p50: number;
  p90: number;
  p95: number;
  p99: number;
}

export interface Price {
  provider: string;
  model: string;
  source: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  since: string;
  service_tier: string | null;
  buckets: BucketPrice[];
}

export interface Program {
  argv: string[];
  cwd: string;
  versions: Record<string, string>;
  commit: string;
}

export interface Project {
  name: string;
  newest: string | null;
}

export interface ProjectPage {
  items: Project[];
  next: string | null;
}

export interface Provenance {
  span: SpanRow;
  where: "answer" | "message" | "request" | "span";
  role: string | null;
  place: number | null;
  is_earliest: boolean;
}

export interface Raised {
  module: string;
  name: string;
  message: string;
  arguments: unknown[];
  state: Record<string, unknown>;
}

export interface Receipt {
  target: Target;
  sessions: number;
  spans: number;
  contents: number;
  content_bytes: number;
  links: number;
  facts: number;
  memories: number;
  scores: number;
}

export interface Rejection {
  what: string;
  index: number;
  problem: string;
}

export interface ReplayWish {
  on_divergence?: "live" | "serve" | "stop";
  speed?: "instant" | "recorded";
}

export interface Retelling {
  name?: string | null;
  labels?: Record<string, string | null>;
}

export interface Route {
  spans: SpanRow[];
  top: number;
}

export interface Saved {
  /** An integer as decimal text. */
  position: string;
  ids: string[];
  versions: number[];
}

export interface Seen {
  agent: string | null;
  span: SpanRow;
  context: string | null;
}

export interface Session {
  tenant: string;
  project: string;
  id: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  revision: string;
  name: string;
  agent: string | null;
  status: "completed" | "failed" | "interrupted" | "running";
  source: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  started: string;
  ended: string | null;
  silent_since: string | null;
  program: Program | null;
  labels: Record<string, string>;
  origin: Origin | null;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  duration: string;
  summary: Summary;
}

export interface SessionCost {
  session: string;
  cost: number;
  usage: Usage;
  origin: Origin | null;
  calls: SpanCost[];
  left_out: number;
}

export interface SessionPage {
  items: Session[];
  next: string | null;
}

export interface Shelved {
  name: string;
  metadata: SnapshotMetadata | null;
  problem: string;
}

export interface ShelvedPage {
  items: Shelved[];
  next: string | null;
}

export interface Shrunk {
  bytes_before: number;
  bytes_after: number;
}

export interface Side {
  head: Record<string, unknown>;
  media: string;
  bytes: number;
  value: unknown;
  chunks: number;
  complete: boolean;
  raised: Raised | null;
}

export interface SnapshotMetadata {
  agent_id: string;
  session_id: string;
  snapshot_id: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  timestamp: string;
  snapshot_index: number;
  parent: string | null;
  description: string | null;
  labels: Record<string, string>;
  serialiser: string;
  media: string;
  format_version: number;
  compression_algorithm: "gzip" | "none" | "zstd";
  encryption: "aes-256-gcm" | "none";
  content_hash: string;
  uncompressed_size: number;
  compressed_size: number;
  file_size: number;
}

export interface Source {
  place: string;
  heading: string;
  first_line: number | null;
  last_line: number | null;
  page: number | null;
  session: string | null;
  trace_id: string | null;
  span_id: string | null;
}

export interface Span {
  tenant: string;
  project: string;
  session: string;
  trace_id: string;
  span_id: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  start: string;
  parent_id: string | null;
  kind: string;
  name: string;
  end: string | null;
  seq: number;
  status: "error" | "ok" | "unset";
  agent: string | null;
  iteration: number | null;
  model: string | null;
  provider: string | null;
  tool: string | null;
  usage: Usage;
  cost: number | null;
  status_message: string;
  attributes: Record<string, unknown>;
  events: Event[];
  links: Link[];
  kept: Kept[];
  context: ContextRef | null;
  trace_state: string;
  flags: number;
  resource: Record<string, unknown>;
  scope: Record<string, unknown>;
  dropped_attributes: number;
  dropped_events: number;
  dropped_links: number;
  duration: string | null;
}

export interface SpanColumns {
  tenant: string;
  project: string;
  session: string;
  first: number;
  count: number;
  base: string;
  start: (number | string)[];
  duration: (number | string | null)[];
  span_id: string[];
  trace_id: Words;
  parent: number[];
  outer_parents: Record<string, string>;
  kind: Words;
  name: Words;
  status: Words;
  agent: Words;
  model: Words;
  provider: Words;
  tool: Words;
  iteration: (number | string | null)[];
  tokens: number[];
  cost: (number | null)[];
}

export interface SpanCost {
  span: SpanRow;
  told: Usage;
  reported: number | null;
  estimate: Estimate | null;
  counted_at: string | null;
  reasons: string[];
}

export interface SpanRow {
  tenant: string;
  project: string;
  session: string;
  trace_id: string;
  span_id: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  start: string;
  parent_id: string | null;
  kind: string;
  name: string;
  end: string | null;
  seq: number;
  status: "error" | "ok" | "unset";
  agent: string | null;
  iteration: number | null;
  model: string | null;
  provider: string | null;
  tool: string | null;
  usage: Usage;
  cost: number | null;
  duration: string | null;
}

export interface SpanRowPage {
  items: SpanRow[];
  next: string | null;
}

export interface State {
  session: string;
  seq: number;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  at: string;
  span: SpanRow | null;
  summary: Summary;
  open: SpanRow[];
  contexts: Seen[];
  checkpoint: SpanRow | null;
  files: SpanRow | null;
  facts: KnownFacts[];
  memory: KnownMemory[];
  /** An integer as decimal text. */
  position: string;
  hash: string;
}

export interface StateKey {
  tenant: string;
  project: string;
  namespace: string;
  agent: string;
}

export interface StateKeyPage {
  items: StateKey[];
  next: string | null;
}

export interface StatePage {
  items: State[];
  next: string | null;
}

export interface Statistics {
  sessions: number;
  spans: number;
  contents: number;
  links: number;
  bytes: number;
  table_bytes: Record<string, number>;
  free_bytes: number;
  wal_bytes: number;
  content_bytes: number;
  stored_bytes: number;
  held_bytes: number;
  conflicts: number;
  oldest: string | null;
  newest: string | null;
}

export interface Step {
  kind: "added" | "changed" | "dropped" | "same";
  count: number;
  before: Message | null;
  after: Message | null;
  differences: Record<string, unknown>[];
}

export interface Subjects {
  subjects: Record<string, string>;
}

export interface Suggestion {
  text: string;
  meaning: string;
}

export interface Summary {
  spans: number;
  open: number;
  errors: number;
  iterations: number;
  first: string | null;
  last: string | null;
  usage: Usage;
  cost: number;
  kinds: Record<string, number>;
  tools: Record<string, number>;
  models: Record<string, number>;
  agents: Record<string, number>;
  model_usage: Record<string, Usage>;
  root_errors: number;
}

export interface Target {
  tenant: string;
  project: string;
  session: string | null;
  trace_id: string | null;
  span_id: string | null;
}

export interface Told {
  kind: "added" | "changed" | "removed" | "same";
  operation: string;
  label: string;
  before: number | null;
  after: number | null;
  before_span: Where | null;
  after_span: Where | null;
  request: Record<string, unknown>[];
  answer: Record<string, unknown>[];
}

export interface ToldDifference {
  key: string;
  before: ToldFact | null;
  after: ToldFact | null;
}

export interface ToldDifferencePage {
  items: ToldDifference[];
  next: string | null;
}

export interface ToldFact {
  key: string;
  version: number;
  value: unknown;
  is_deleted: boolean;
  /** An integer as decimal text. */
  position: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  committed: string;
}

export interface ToldFactPage {
  items: ToldFact[];
  next: string | null;
}

export interface ToldMemoryHit {
  record: ToldRecord;
  score: number;
  words: number | null;
  meaning: number | null;
  snippet: Passage[];
}

export interface ToldOperation {
  key: string;
  version: number;
  value: unknown;
  is_deleted: boolean;
}

export interface ToldRecord {
  id: string;
  collection: string;
  owner: string;
  version: number;
  /** An integer as decimal text. */
  position: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  changed: string;
  text: string | null;
  metadata: Record<string, boolean | number | string | null>;
  source: Source;
  author: string;
  importance: number;
  valid_from: string | null;
  valid_until: string | null;
  merged: string[];
}

export interface ToldRecordDifference {
  id: string;
  before: ToldRecord | null;
  after: ToldRecord | null;
}

export interface ToldRecordDifferencePage {
  items: ToldRecordDifference[];
  next: string | null;
}

export interface ToldRecordPage {
  items: ToldRecord[];
  next: string | null;
}

export interface ToldScore {
  name: string;
  value: number | null;
  author: string;
  comment: string;
  trace_id: string | null;
  span_id: string | null;
  version: number;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  given: string;
  source: Source;
}

export interface ToldScorePage {
  items: ToldScore[];
  next: string | null;
}

export interface ToldTransaction {
  id: string;
  /** An integer as decimal text. */
  position: string;
  /** Nanoseconds since the epoch in UTC, or the length of a stretch of time. */
  committed: string;
  operations: ToldOperation[];
  author: Author | null;
}

export interface ToldTransactionPage {
  items: ToldTransaction[];
  next: string | null;
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: unknown;
}

export interface Turn {
  span: SpanRow;
  previous: SpanRow | null;
  steps: Step[];
}

export interface Usage {
  input: number;
  cache_read: number;
  cache_write_5m: number;
  cache_write_1h: number;
  output: number;
  reasoning: number;
  audio_in: number;
  audio_out: number;
  image_in: number;
  image_out: number;
  total: number;
}

export interface Wanted {
  session: string;
  project?: string;
  on_divergence?: "live" | "serve" | "stop";
  at?: string;
  patches?: string[];
  at_recorded_speed?: boolean;
}

export interface Where {
  session: string;
  trace_id: string;
  span_id: string;
}

export interface WholeCollection {
  /** An integer as decimal text. */
  position: string;
  records: ToldRecord[];
}

export interface WholeState {
  /** An integer as decimal text. */
  position: string;
  facts: ToldFact[];
}

export interface WishedChange {
  expected?: number | null;
  text?: string | null;
  metadata?: Record<string, boolean | number | string | null> | null;
  author?: string | null;
  importance?: number | null;
  valid_until?: number | null;
}

export interface WishedDocument {
  place: string;
  text?: string | null;
  data?: string | null;
  collection?: string;
  owner?: string;
  metadata?: Record<string, boolean | number | string | null>;
}

export interface WishedEnd {
  records: string[];
  how: "expire" | "forget" | "remove";
  collection?: string;
  owner?: string;
}

export interface WishedFork {
  target: string;
  target_owner?: string;
  collection?: string;
  owner?: string;
  position?: number | null;
  without?: string[];
}

export interface WishedMerge {
  collection?: string;
  owner?: string;
  into?: string | null;
  others?: string[];
  text?: string | null;
}

export interface WishedOperation {
  agent: string;
  key: string;
  namespace?: string;
  value?: unknown;
  is_deleted?: boolean;
  expected?: number | null;
}

export interface WishedRecord {
  text: string;
  id?: string | null;
  collection?: string;
  owner?: string;
  metadata?: Record<string, boolean | number | string | null>;
  source?: WishedSource | null;
  author?: string;
  importance?: number;
  valid_from?: number | null;
  valid_until?: number | null;
}

export interface WishedScore {
  name: string;
  value: number;
  author?: string;
  comment?: string;
}

export interface WishedSource {
  place?: string;
  heading?: string;
  first_line?: number | null;
  last_line?: number | null;
  page?: number | null;
  session?: string | null;
  trace_id?: string | null;
  span_id?: string | null;
}

export interface WishedTransaction {
  operations: WishedOperation[];
  idempotency?: string;
}

export interface Words {
  words: (string | null)[];
  at: number[];
}

export interface strPage {
  items: string[];
  next: string | null;
}
