/** An address that shows nothing. */

import { Link } from "@tanstack/react-router";

import { Quiet } from "@/design/quiet";

export function Missing() {
  return (
    <Quiet isPage title="There is nothing at this address">
      <Link to="/" className="text-accent underline underline-offset-2">
        Go to the start
      </Link>
    </Quiet>
  );
}
