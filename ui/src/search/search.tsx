/** Search: words in all that was recorded, with the passages where they stand, each leading to its place. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { ApiError, get, type Page } from "@/api/client";
import type { Hit } from "@/api/types";
import { useProject } from "@/app/project";
import { KindGlyph } from "@/design/kind";
import { lookOf } from "@/design/kinds";
import { Failed, Loading, Quiet } from "@/design/quiet";
import { FilterBox } from "@/filters/box";
import { toggled } from "@/filters/terms";
import { FACETS, type Facet, valuesOf } from "@/search/facets";
import { Found } from "@/search/found";

const PAGE = 50;
const EXAMPLES = [
  '"refund policy" kind:tool',
  "timeout status:error since:24h",
  "kind:llm tokens>10k",
  "ship* -agent:planner",
];

export function Search() {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const project = useProject();
  const navigate = useNavigate();
  const q = search.q === undefined ? "" : String(search.q);
  const found = useInfiniteQuery({
    queryKey: ["search", project ?? null, q],
    queryFn: ({ pageParam, signal }) =>
      get<Page<Hit>>("/search", { q, project, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: q !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const apply = (filter: string) =>
    void navigate({ to: "/search", search: (before) => ({ ...before, q: filter || undefined }) });
  const hits = found.data?.pages.flatMap((page) => page.items) ?? [];
  const isFilter = found.error instanceof ApiError && found.error.column !== null;
  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)]">
      <header className="border-b px-3 py-2">
        <h1 className="sr-only">Search{project ? ` in ${project}` : ""}</h1>
        <FilterBox
          subject="spans"
          project={project}
          value={q}
          apply={apply}
          placeholder="Words in messages, calls, results, names and errors; kind:tool agent:x since:7d"
          label="Search"
          error={isFilter ? found.error : null}
          autoFocus={q === ""}
        />
      </header>
      {q === "" ? (
        <Begin project={project} />
      ) : found.isPending ? (
        <Loading what="Searching" />
      ) : isFilter ? null : found.isError && !found.data ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <div
          aria-busy={found.isPlaceholderData}
          className={`grid min-h-0 grid-cols-[minmax(0,1fr)] transition-opacity md:grid-cols-[13rem_minmax(0,1fr)] ${found.isPlaceholderData ? "opacity-50" : ""}`}
        >
          <Facets hits={hits} q={q} hasMore={found.hasNextPage} apply={apply} />
          {hits.length ? (
            <Found
              key={`${project ?? ""}\n${q}`}
              hits={hits}
              hasMore={found.hasNextPage}
              isLoading={found.isFetchingNextPage}
              more={found.fetchNextPage}
            />
          ) : (
            <Quiet title="Nothing was found">
              <p>All words have to stand in the same span. An asterisk finds beginnings: ship*</p>
            </Quiet>
          )}
        </div>
      )}
    </div>
  );
}

function Begin({ project }: { project: string | undefined }) {
  return (
    <Quiet title={`Find words in all that was recorded${project ? ` in ${project}` : ""}`}>
      <ul className="mt-2 flex flex-col gap-1.5">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <Link
              to="/search"
              search={{ project, q: example }}
              className="rounded-md border px-2 py-0.5 font-mono text-sm hover:bg-raised"
            >
              {example}
            </Link>
          </li>
        ))}
      </ul>
    </Quiet>
  );
}

interface FacetsProps {
  hits: readonly Hit[];
  q: string;
  hasMore: boolean;
  apply: (filter: string) => void;
}

function Facets({ hits, q, hasMore, apply }: FacetsProps) {
  return (
    <aside aria-label="Narrow what is found" className="hidden min-h-0 overflow-y-auto border-r p-3 md:block">
      {FACETS.map((facet) => (
        <FacetGroup key={facet} facet={facet} hits={hits} q={q} apply={apply} />
      ))}
      {hits.length > 0 && (
        <p className="text-sm text-ink-faint">
          {hasMore ? `Counted in the first ${hits.length}` : `Counted in all ${hits.length}`}
        </p>
      )}
    </aside>
  );
}

function FacetGroup({ facet, hits, q, apply }: Omit<FacetsProps, "hasMore"> & { facet: Facet }) {
  const values = valuesOf(facet, hits, q);
  if (!values.length) return null;
  return (
    <fieldset className="mb-4 min-w-0">
      <legend className="mb-1 text-sm text-ink-faint capitalize">{facet}</legend>
      {values.map(({ value, term, hits: many, isAsked }) => (
        <button
          key={term}
          type="button"
          aria-pressed={isAsked}
          title={term}
          onClick={() => apply(toggled(q, term))}
          className="flex h-6.5 w-full items-center gap-2 rounded-md px-1.5 text-left text-ink-soft hover:bg-raised aria-pressed:bg-accent-soft aria-pressed:text-ink"
        >
          {facet === "kind" && <KindGlyph kind={value} />}
          <span className="truncate">{facet === "kind" ? lookOf(value).label : value}</span>
          <span className="ml-auto text-sm text-ink-faint tabular-nums">{many || ""}</span>
        </button>
      ))}
    </fieldset>
  );
}
