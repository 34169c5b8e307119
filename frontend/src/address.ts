/** Where the state of what is open is kept: behind the "#" of the page's address, in the form that the page has for it. */

export interface Address {
  read(): URLSearchParams;
  /** Put other parameters in the place of those that are there; nothing is added to the history. */
  write(parameters: URLSearchParams): void;
}

/** The address that the page shows. Between a click on a link and its event the browser already has another one. */
let shown = location.hash;
addEventListener("hashchange", () => (shown = location.hash));

/** Put other text behind the "#", unless the page is about to follow an address of somebody else's. */
export function replaceFragment(text: string): void {
  if (shown !== location.hash || text === shown.slice(1)) return;
  try {
    history.replaceState(null, "", `#${text}`);
    shown = location.hash;
  } catch {
    // A frame of a notebook has no address of its own.
  }
}
