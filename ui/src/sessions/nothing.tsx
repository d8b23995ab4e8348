/** What stands where no session is found. */

import { Link } from "@tanstack/react-router";

import { Quiet } from "@/design/quiet";
import type { Question } from "@/sessions/list";

export function Nothing({ question }: { question: Question }) {
  const where = question.project === undefined ? "" : ` in ${question.project}`;
  if (question.q)
    return (
      <Quiet title={`No session${where} is like that`}>
        <Link
          to="/sessions"
          search={{ project: question.project }}
          className="text-accent underline underline-offset-2"
        >
          Show all sessions{where}
        </Link>
      </Quiet>
    );
  return (
    <Quiet title={`No session was recorded${where} yet`}>
      <p>
        What is recorded shows up here by itself.{" "}
        <Link to="/" search={{ project: question.project }} className="text-accent underline underline-offset-2">
          See how to begin
        </Link>
      </p>
    </Quiet>
  );
}
