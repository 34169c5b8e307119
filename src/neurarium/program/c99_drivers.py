"""What a caller does with the functions of a C file, where it is more than to call them: text, walks and forecasts."""

from dataclasses import dataclass

from neurarium.program.c99_loops import literal
from neurarium.program.operations import Value
from neurarium.program.sheet import Function, Sheet

PICK = """
/* The number of the piece of a line that a place on it falls into, the pieces being as long as they are likely. */
static int Pick(const float *likely, int n, float place)
{
    double total = 0.0, end = 0.0;
    int last = 0;
    for (int i = 0; i < n; i++) {
        total += likely[i];
        last = likely[i] > 0.0f ? i : last;
    }
    for (int i = 0; i < last; i++) {
        end += likely[i];
        if (end > place * total)
            return i;
    }
    return last;
}
"""

ENCODE = """
int {prefix}_encode(const char *text, int32_t *numbers, int most)
{{
    int count = 0;
    while (*text && count < most) {{
        size_t width = 1;
        while (((unsigned char)text[width] & 0xC0) == 0x80)
            width++;
        numbers[count] = 0;
        for (int i = 1; i < {n}; i++)
            if (strlen({prefix}_symbols[i]) == width && memcmp({prefix}_symbols[i], text, width) == 0)
                numbers[count] = i;
        count++;
        text += width;
    }}
    return count;
}}
"""

SAMPLE = """
{signature}
{{
    static float {buffers}, likely[{n}];
    int32_t heard[1] = {{0}};
{starts}
    {prefix}_{name}({given});
{moves}
    for (int t = 0; t < n_prompt + length; t++) {{
        if (t < n_prompt) {{
            heard[0] = prompt[t];
        }} else {{
            float top = likely[1];
            for (int i = 1; i < {n}; i++)
                top = likely[i] > top ? likely[i] : top;
            likely[0] = 0.0f;
            for (int i = 1; i < {n}; i++)
                likely[i] = expf((likely[i] - top) / temperature);
            heard[0] = Pick(likely, {n}, noise[t - n_prompt]);
            drawn[t - n_prompt] = heard[0];
        }}
        {prefix}_{name}({given});
{moves_inside}
    }}
}}
"""

WALK = """
{signature}
{{
    static int32_t recent[{width}];
    static float likely[{n}];
    for (int i = 0; i < {width}; i++)
        recent[i] = n_{before} >= {width} - i ? {before}[n_{before} - {width} + i] : -1;
    for (int t = 0; t < length; t++) {{
        {prefix}_{name}(recent, likely);
{bent}        drawn[t] = Pick(likely, {n}, noise[t]);
        for (int i = 1; i < {width}; i++)
            recent[i - 1] = recent[i];
        recent[{width} - 1] = drawn[t];
    }}
}}
"""

BENT = """        for (int i = 0; i < {n}; i++)
            likely[i] = i < 1 ? 0.0f : powf(likely[i], 1.0f / temperature);
"""

SETTLE = """
{signature}
{{
    static float after[{n}];
    for (int t = 0; t < sweeps; t++) {{
        int changed = 0;
        {prefix}_{name}(x, after);
        for (int i = 0; i < {n}; i++) {{
            changed = changed || x[i] != after[i];
            x[i] = after[i];
        }}
        if (!changed)
            return t;
    }}
    return sweeps;
}}
"""

FORECAST = """
{signature}
{{
    static float {buffers}, heard[{n_heard}], answer[{n_answers}];
{starts}
    for (int t = 0; t < n_history - 1 + steps; t++) {{
        for (int i = 0; i < {n_answers}; i++)
            heard[i] = t < n_history ? history[t * {n_answers} + i] : answer[i];
{driven}        {prefix}_{name}({given});
        for (int i = 0; i < {n_answers} && t >= n_history - 1; i++)
            answers[(t - n_history + 1) * {n_answers} + i] = answer[i];
{moves_inside}
    }}
}}
"""

_HEAT = "temperature: above 0; below 1 likelier, above 1 more daring. "

DRIVEN = """        for (int i = 0; i < {n}; i++)
            heard[{first} + i] = control[(t + 1) * {n} + i];
"""


@dataclass(frozen=True)
class Driver:
    """A function that calls others.

    Args:
        about: What it does, and what it takes.
        signature: Its declaration, without the semicolon.
        code: Its text.
        octets: Bytes of static memory.
        helpers: Texts of functions that it needs.
    """

    about: str
    signature: str
    code: str
    octets: int
    helpers: tuple[str, ...] = ()


def drivers(sheet: Sheet, prefix: str) -> list[Driver]:
    """Those of a sheet."""
    found = []
    for function in sheet.functions:
        states = function.states()
        others = [value for value in function.program.inputs if value not in states]
        if len(others) != 1:
            continue
        if function.name == "recall_step" and not states:
            found.append(_settle(function, others[0], prefix))
        elif states and function.name == "forecast_step":
            found.append(_forecast(function, others[0], prefix))
        elif sheet.symbols is not None and others[0].dtype == "int64":
            found.append(_sample(function, sheet, prefix) if states else _walk(function, sheet, others[0], prefix))
    if found and sheet.symbols is not None and sheet.symbols.unit == "character":
        found.append(_encode(sheet, prefix))
    return found


def _encode(sheet: Sheet, prefix: str) -> Driver:
    return Driver(
        f"The number of each character of a text in UTF-8, at most so many; 0 for one that {prefix}_symbols does not "
        "have.\n   Returns how many there are.",
        f"int {prefix}_encode(const char *text, int32_t *numbers, int most)",
        ENCODE.format(prefix=prefix, n=_n_symbols(sheet)),
        0,
    )


def _n_symbols(sheet: Sheet) -> int:
    return len(sheet.symbols.names) if sheet.symbols else 0


def _sample(function: Function, sheet: Sheet, prefix: str) -> Driver:
    (heard,) = [value for value in function.program.inputs if value not in function.states()]
    signature = (
        f"void {prefix}_sample(const int32_t *prompt, int n_prompt, int length, float temperature, const float *noise, "
        "int32_t *drawn)"
    )
    code = SAMPLE.format(
        signature=signature,
        prefix=prefix,
        name=function.name,
        n=_n_symbols(sheet),
        **_carried(function, heard, "heard", "likely"),
    )
    about = (
        f"Draws `length` symbols that go on from a prompt: numbers of {prefix}_symbols.\n   {_HEAT}"
        "noise: `length` numbers in [0, 1) that decide."
    )
    return Driver(about, signature, code, _octets(function) + 4 * _n_symbols(sheet), (PICK,))


def _walk(function: Function, sheet: Sheet, recent: Value, prefix: str) -> Driver:
    written = sheet.symbols is not None and sheet.symbols.unit != "symbol"
    verb, before = ("sample", "prompt") if written else ("simulate", "start")
    heat = "float temperature, " if written else ""
    signature = (
        f"void {prefix}_{verb}(const int32_t *{before}, int n_{before}, int length, {heat}const float *noise, "
        "int32_t *drawn)"
    )
    n, width = _n_symbols(sheet), recent.shape_of(1)[-1]
    bent = BENT.format(n=n) if written else ""
    code = WALK.format(
        signature=signature, prefix=prefix, name=function.name, n=n, width=width, before=before, bent=bent
    )
    about = (
        f"Draws `length` symbols that go on from others: numbers of {prefix}_symbols.\n   "
        f"{_HEAT * written}noise: `length` numbers in [0, 1) that decide."
    )
    return Driver(about, signature, code, 4 * n + 4 * width, (PICK,))


def _forecast(function: Function, heard: Value, prefix: str) -> Driver:
    answer = next(value for name, value in function.program.outputs.items() if not name.startswith("new_"))
    n_answers, n_heard = answer.count(), heard.count()
    n_controls = n_heard - n_answers
    control = "const float *control, " if n_controls else ""
    signature = f"void {prefix}_forecast(const float *history, int n_history, {control}int steps, float *answers)"
    code = FORECAST.format(
        signature=signature,
        prefix=prefix,
        name=function.name,
        n_heard=n_heard,
        n_answers=n_answers,
        driven=DRIVEN.format(n=n_controls, first=n_answers) if n_controls else "",
        **_carried(function, heard, "heard", "answer"),
    )
    driven = f" control: (n_history + steps) x {n_controls}, what drives each step." if n_controls else ""
    about = (
        f"Hears a history, then goes on for so many steps: each answer is heard as the next value.\n   history: "
        f"n_history x {n_answers}.{driven} answers: steps x {n_answers}."
    )
    return Driver(about, signature, code, _octets(function) + 4 * (n_heard + n_answers))


def _settle(function: Function, pattern: Value, prefix: str) -> Driver:
    n = pattern.count()
    signature = f"int {prefix}_settle(float x[{n}], int sweeps)"
    about = (
        "Asks all units of a pattern together until nothing changes any more, or for so many sweeps.\n   Returns after "
        "how many that was."
    )
    code = SETTLE.format(signature=signature, prefix=prefix, name=function.name, n=n)
    return Driver(about, signature, code, 4 * n)


def _octets(function: Function) -> int:
    """The states before a step, and after it."""
    return 2 * sum(4 * value.count() for value in function.states())


def _carried(function: Function, heard: Value, given: str, answer: str) -> dict[str, str]:
    """What carries the states of a step: a place for each before it and after it, where they start, how they move."""
    states = function.states()
    inside = {value.name: f"before_{number}" for number, value in enumerate(states)}
    arguments = [given if value.name == heard.name else inside[value.name] for value in function.program.inputs]
    after = {f"new_{value.name}": f"after_{number}" for number, value in enumerate(states)}
    arguments += [after.get(name, answer) for name in function.program.outputs]
    buffers = [
        f"{name}_{number}[{value.count()}]" for number, value in enumerate(states) for name in ("before", "after")
    ]
    starts, moves = [], []
    for number, value in enumerate(states):
        numbers = [literal(each, "float") for each in function.start[value.name].ravel().tolist()]
        start = numbers[0] if len({*numbers}) == 1 else f"START_{number}[i]"
        if len({*numbers}) > 1:
            starts.append(f"    static const float START_{number}[{len(numbers)}] = {{{', '.join(numbers)}}};")
        starts += [f"    for (int i = 0; i < {value.count()}; i++)", f"        before_{number}[i] = {start};"]
        moves += [f"    for (int i = 0; i < {value.count()}; i++)", f"        before_{number}[i] = after_{number}[i];"]
    return {
        "buffers": ", ".join(buffers),
        "given": ", ".join(arguments),
        "starts": "\n".join(starts),
        "moves": "\n".join(moves),
        "moves_inside": "\n".join(f"    {line}" for line in moves),
    }
