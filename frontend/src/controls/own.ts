/** Controls that no picture in sight shows get a small picture of their own. */

import type { Live } from "../live";
import type { Mark, PanelForm, Text } from "../types";

export function dragged(live: Live, name: string): boolean {
  return marks(live).some((mark) => mark.is === "points" && mark.drags === name);
}

export function drawn(live: Live, name: string): boolean {
  return marks(live).some((mark) => mark.is === "images" && mark.draws === name);
}

function marks(live: Live): Mark[] {
  return live.shown().flatMap(({ marks }) => marks);
}

export function panelOf(mark: Mark, title: Text): PanelForm {
  return { is: "panel", title, marks: [mark], square: false, size: "small" };
}
