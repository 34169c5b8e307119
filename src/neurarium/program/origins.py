"""Which of a module's own lines does what programs cannot do."""

import traceback

from torch import fx


def line_of(node: fx.Node) -> str:
    """The line that a traced operation comes from: the innermost that is not torch's own, if there is one.

    Torch's own layers, one after the other, have none; then the layer is named too.
    """
    lines = (node.meta.get("stack_trace") or "").strip().splitlines()
    places = [number for number, line in enumerate(lines) if line.lstrip().startswith("File ")]
    own = [number for number in places if not _is_torch(lines[number])]
    if own:
        return "\n".join(lines[own[-1] : own[-1] + 2])
    layers = list((node.meta.get("nn_module_stack") or {}).values())
    path, kind = layers[-1] if layers else ("", "")
    layer = f'the layer "{path}", {str(kind).rsplit(".", 1)[-1]}:\n' if path else ""
    return layer + ("\n".join(lines[places[-1] : places[-1] + 2]) if places else "a line that torch did not keep.")


def line_of_error(error: BaseException) -> str:
    """The line at which tracing failed: the innermost that is not torch's own, below the tracing itself."""
    frames = traceback.extract_tb(error.__traceback__)[1:]
    own = [frame for frame in frames if not _is_torch(frame.filename)] or frames
    return "".join(traceback.format_list(own[-1:])).rstrip() or "a line that torch did not keep."


def _is_torch(text: str) -> bool:
    return "/torch/" in text.replace("\\", "/") or text.startswith("<")
