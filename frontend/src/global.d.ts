interface Window {
  neurarium: {
    /** When the first look is drawn. */
    ready: Promise<void>;
    /** The open look, or one by its name, as JSON equal to Python's `Scene.to_json()`. */
    scene: (look?: string) => Record<string, unknown> | undefined;
    set: (name: string, value: unknown) => void;
    press: (button: string) => void;
    /** Milliseconds of the last redraw. */
    timing: () => number;
    /** Puts the state into the address now; by itself it comes there a quarter of a second later. */
    remember: () => void;
    /** Shows looks inside another page, where this one is not a page of its own. */
    open?: (
      target: HTMLElement,
      page: import("./types").PageForm,
      address: import("./address").Address,
    ) => {
      /** Open what the address says now. */
      follow: () => Promise<unknown>;
      /** The language or the colours have changed. */
      tuned: () => void;
      close: () => Promise<void>;
    };
  };
}
