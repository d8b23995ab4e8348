/** Which projects there are. */

import { Link } from "@tanstack/react-router";

import { useProjects } from "@/app/project";
import { ago } from "@/design/format";
import { Failed, Loading, Quiet } from "@/design/quiet";

export function Projects() {
  const projects = useProjects();
  if (projects.isPending) return <Loading what="Looking for projects" />;
  if (projects.isError) return <Failed error={projects.error} retry={() => void projects.refetch()} />;
  if (projects.data.items.length === 0) {
    return (
      <Quiet title="There is no project yet">
        <p>
          A project begins with the first thing in it: a session, a fact, a memory. Its source names it, or it is called
          default.
        </p>
      </Quiet>
    );
  }
  return (
    <table className="w-full rounded-lg border bg-panel">
      <thead className="text-left text-sm text-ink-faint">
        <tr>
          <th scope="col" className="px-3 py-1.5 font-normal">
            Project
          </th>
          <th scope="col" className="px-3 font-normal">
            Newest session
          </th>
          <th scope="col" className="px-3 font-normal">
            <span className="sr-only">Its measures</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {projects.data.items.map(({ name, newest }) => (
          <tr key={name} className="border-t hover:bg-raised">
            <th scope="row" className="max-w-80 truncate px-3 py-1.5 text-left font-normal">
              <Link to="/sessions" search={{ project: name }} className="text-accent hover:underline">
                {name}
              </Link>
            </th>
            <td className="px-3">{newest === null ? "none" : ago(newest)}</td>
            <td className="px-3 text-right">
              <Link
                to="/measures"
                search={{ project: name }}
                aria-label={`Measures of ${name}`}
                className="text-accent hover:underline"
              >
                Measures
              </Link>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
