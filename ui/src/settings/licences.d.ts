/** What the build finds out about the packages the web UI is made of. */
declare module "virtual:licences" {
  export interface Licence {
    name: string;
    version: string;
    /** As SPDX names it. */
    licence: string;
    text: string;
  }
  export const licences: readonly Licence[];
}
