/** Where the state of what is open is kept: behind the "#" of the page's address, in the form that the page has for it. */

export interface Address {
  read(): URLSearchParams;
  /** Put other parameters in the place of those that are there; nothing is added to the history. */
  write(parameters: URLSearchParams): void;
}

/** Put other text behind the "#". */
export function replaceFragment(text: string): void {
  if (text === location.hash.slice(1)) return;
  try {
    history.replaceState(null, "", `#${text}`);
  } catch {
    // A frame of a notebook has no address of its own.
  }
}
