/** The keyboard map: what can be pressed on this page. */

import { useRegistry } from "@/app/shortcuts";
import { Dialog } from "@/design/dialog";
import { Keys } from "@/design/keys";

export function KeyboardMap({ isOpen, close }: { isOpen: boolean; close: () => void }) {
  const layers = useRegistry((state) => state.layers);
  const groups = Map.groupBy(layers.toReversed().flat(), (one) => one.group);
  return (
    <Dialog title="Keyboard" isOpen={isOpen} close={close} className="w-[min(52rem,calc(100vw-2rem))]">
      <div className="columns-1 gap-8 overflow-y-auto p-4 sm:columns-2">
        {[...groups].map(([group, shortcuts]) => (
          <section key={group} className="mb-4 break-inside-avoid">
            <h3 className="mb-1 font-medium text-ink-soft">{group}</h3>
            <dl>
              {shortcuts.map((one) => (
                <div key={one.keys} className="flex items-center justify-between gap-4 py-0.5">
                  <dt>{one.does}</dt>
                  <dd>
                    <Keys keys={one.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
