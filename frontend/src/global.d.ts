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
  };
}
