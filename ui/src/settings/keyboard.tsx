/** What can be pressed everywhere. What a page adds is told there. */

import { useRegistry } from "@/app/shortcuts";
import { Keys } from "@/design/keys";

export function Keyboard() {
  const layers = useRegistry((state) => state.layers);
  const groups = Map.groupBy(layers.flat(), (one) => one.group);
  return (
    <>
      <p className="mb-4 text-ink-soft">
        Each page has more: press <Keys keys="?" /> where you are to see all that works there.
      </p>
      {[...groups].map(([group, shortcuts]) => (
        <section key={group} className="mb-6">
          <h2 className="mb-1 font-medium">{group}</h2>
          <dl>
            {shortcuts.map((one) => (
              <div key={`${one.keys} ${one.does}`} className="flex justify-between gap-4 border-b py-1">
                <dt>{one.does}</dt>
                <dd>
                  <Keys keys={one.keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}
