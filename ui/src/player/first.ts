/** What the player shows first: the session and the first of its spans. Asked for by the first lines of the page. */

import type { Query } from "@/api/address";

export interface Which {
  session: string;
  project: string | undefined;
}

/** More than any screen shows at once, and read and laid out in a few milliseconds. */
export const FIRST = 1_000;

type Question = readonly [path: string, query: Query];

export const sessionQuestion = ({ session, project }: Which): Question => [`/sessions/${session}`, { project }];

export const firstQuestion = ({ session, project }: Which): Question => [
  `/sessions/${session}/columns`,
  { project, start: 1, limit: FIRST },
];
