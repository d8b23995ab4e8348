/** The windows that any page can have in front of it; loaded when all else is there. */

import type { What } from "@/app/frame";
import { KeyboardMap } from "@/app/keyboard";
import { Palette } from "@/app/palette";
import { ProjectSwitcher } from "@/app/projects";

export function Dialogs({ what, close }: { what: What; close: () => void }) {
  return (
    <>
      <Palette isOpen={what === "palette"} close={close} />
      <ProjectSwitcher isOpen={what === "projects"} close={close} />
      <KeyboardMap isOpen={what === "keyboard"} close={close} />
    </>
  );
}
