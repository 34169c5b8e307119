"""What a caller does with the functions of a NumPy file beyond calling them: the estimator's own verbs."""

from neurarium.program.operations import Value
from neurarium.program.sheet import Function, Sheet, Symbols, rows_axis

CLASSIFIED = {
    "predict": '''
def predict(x):
    """The label of each row."""
    return CLASSES[{name}(x)[{number}]]
''',
    "predict_proba": '''
def predict_proba(x):
    """How likely each class is, in the order of CLASSES."""
    return {name}(x)[{number}]
''',
}

SETTLE = '''
def settle(x, sweeps=100):
    """Ask all units together until nothing changes any more, or for so many sweeps."""
    for _ in range(sweeps):
        before, x = x, {name}(x)
        if np.array_equal(before, x):
            break
    return x
'''

RUN = '''
def run_{name}(sequence):
    """Hear a (time, n, ...) sequence step by step, and answer at each: (time, n, ...)."""
    n = len(sequence[0])
    {starts}
    answers = []
    for {value} in sequence:
        {outputs} = {name}({inputs})
        answers.append({answer})
    return np.stack(answers)
'''

LABEL_AFTER = '''
def label_after(sequence):
    """The label of each row at the end of a (time, n, ...) sequence."""
    return CLASSES[run_{name}(sequence)[-1].argmax(-1)]
'''

FORECAST = '''
def forecast(steps, history{control}):
    """Hear a (time, features) history, then go on for so many steps: each answer is heard as the next value.{about}"""
    n = 1
    {starts}
    history = np.asarray(history)
    flat = history.ndim == 1
    history = history.reshape(len(history), {n_values}){ready}
    for now in range(len(history) - 1):
        {value} = {heard}
        {outputs} = {name}({inputs})
    last, answers = history[-1:], []
    for now in range(len(history) - 1, len(history) - 1 + steps):
        {value} = {next}
        {outputs} = {name}({inputs})
        answers.append({answer}[0])
        last = {answer}
    return np.array(answers)[:, 0] if flat else np.array(answers)
'''

PICK = '''
def _pick(likely, u):
    """The number of the piece of a line that a place on it falls into, the pieces being as long as they are likely."""
    ends = np.cumsum(np.asarray(likely, float))
    return min(int(np.searchsorted(ends, u * ends[-1], side="right")), int(np.flatnonzero(likely)[-1]))
'''

TEXT = {
    "character": '''
def encode(text):
    """The number of each character of a text; 0 for one that is not among SYMBOLS."""
    return [_NUMBERS.get(symbol, 0) for symbol in text]


def decode(numbers):
    """The text of these numbers."""
    return "".join(SYMBOLS[number] for number in numbers)
''',
    "word": '''
def encode(text):
    """The number of each word, mark and line end of a text; 0 for one that is not among SYMBOLS."""
    words = re.findall(r"\\n|\\w+(?:['\\u2019]\\w+)*|[^\\w\\s]", text)
    return [_NUMBERS.get(symbol, 0) for symbol in words]


def decode(numbers):
    """The text of these numbers, spaces where a printer would set them."""
    text = " ".join(SYMBOLS[number] for number in numbers)
    return re.sub(r" (?=[.,;:!?)\\]}}%\\n])|(?<=[\\n(\\[{{]) ", "", text)
''',
    "symbol": '''
def encode(states):
    """The number of each state."""
    return [_NUMBERS[state] for state in (states if isinstance(states, (list, tuple)) else [states])]


def decode(numbers):
    """The states of these numbers."""
    return [SYMBOLS[number] for number in numbers]
''',
}

SAMPLE_STEPS = '''
def sample(length=200, prompt="", temperature=1.0, noise=None):
    """A text drawn from the model, the prompt not included.

    Args:
        length: Symbols to draw.
        prompt: What it goes on from.
        temperature: Above 0; below 1 likelier, above 1 more daring.
        noise: (length,) numbers in [0, 1) that decide; None draws some.
    """
    n = 1
    {starts}
    for symbol in [0, *encode(prompt)]:
        {value} = np.array([symbol])
        {outputs} = {name}({inputs})
    drawn = []
    for u in np.random.default_rng().random(length) if noise is None else noise:
        likely = np.exp(({answer}[0, 1:] - {answer}[0, 1:].max()) / temperature)
        drawn.append(1 + _pick(likely, u))
        {value} = np.array(drawn[-1:])
        {outputs} = {name}({inputs})
    return decode(drawn)
'''

CHAIN = '''
def _recent(states):
    """The last numbers before a step, -1 where there was nothing."""
    return ([-1] * {width} + encode(states))[-{width}:]


def next_probabilities(recent={nothing}):
    """How likely each of SYMBOLS is to come next, after {these}."""
    return {name}([_recent(recent)])[0]


def {verb}:
    """{about}

    Args:
        {count}: Symbols to draw.
        {before}: What it goes on from.{temperature}
        noise: ({count},) numbers in [0, 1) that decide; None draws some.
    """
    numbers = _recent({before})
    for u in np.random.default_rng().random({count}) if noise is None else noise:
        likely = {name}([numbers[-{width}:]])[0]{power}
        likely[:{silent}] = 0
        numbers.append(_pick(likely, u))
    return decode(numbers[{width}:])
'''


def drivers(sheet: Sheet) -> list[str]:
    """The texts of all that is printed beside the functions."""
    texts = [text for function in sheet.functions for text in _drivers(function, sheet)]
    if sheet.symbols is not None and any("encode(" in text for text in texts):
        texts = [PICK, TEXT[sheet.symbols.unit].replace("{{", "{").replace("}}", "}"), *texts]
    return [text.strip("\n") + "\n" for text in texts]


def _drivers(function: Function, sheet: Sheet) -> list[str]:
    """What a caller does with a function."""
    outputs = list(function.program.outputs)
    if "label" in outputs and sheet.classes is not None:
        known = (("label", "predict"), ("probabilities", "predict_proba"))
        return [
            CLASSIFIED[verb].format(name=function.name, number=outputs.index(key))
            for key, verb in known
            if key in outputs
        ]
    states = [value.name for value in function.states()]
    others = [value for value in function.program.inputs if value.name not in states]
    if not states:
        chain = sheet.symbols is not None and [value.dtype for value in others] == ["int64"]
        return [_chain(function, sheet.symbols, others[0])] if chain and sheet.symbols else _settled(function)
    if len(others) != 1 or len(outputs) != len(states) + 1:
        return []
    return _stepped(function, sheet, others[0])


def _settled(function: Function) -> list[str]:
    return [SETTLE.format(name=function.name)] if function.name == "recall_step" else []


def _stepped(function: Function, sheet: Sheet, heard: Value) -> list[str]:
    """What a caller does with one step of a network that carries states."""
    outputs = function.program.outputs
    answer = next(name for name in outputs if not name.startswith("new_"))
    values = {
        "name": function.name,
        "inputs": ", ".join(value.name for value in function.program.inputs),
        "outputs": ", ".join(name.removeprefix("new_") for name in outputs),
        "value": heard.name,
        "answer": answer,
        "starts": "\n    ".join(
            f"{value.name} = np.repeat(START_{function.name.upper()}_{value.name.upper()}, n, {rows_axis(value)})"
            for value in function.states()
        ),
    }
    if sheet.symbols is not None and heard.dtype == "int64":
        return [SAMPLE_STEPS.format(**values)]
    n_answers = outputs[answer].shape_of(1)[-1]
    if function.name == "forecast_step":
        return [_forecast(values, n_answers, heard.shape_of(1)[-1] - n_answers)]
    labelled = sheet.classes is not None and outputs[answer].shape[1:] == (len(sheet.classes),)
    return [text.format(**values) for text in ([RUN, LABEL_AFTER] if labelled else [RUN])]


def _forecast(values: dict[str, str], n_values: int, n_controls: int) -> str:
    driven = {
        "control": "",
        "about": "",
        "ready": "",
        "heard": "history[now : now + 1]",
        "next": "last",
    }
    if n_controls:
        driven = {
            "control": ", control",
            "about": f"\n\n    control: (time + steps, {n_controls}) what drives each step, "
            "those of the history first.\n    ",
            "ready": f"\n    control = np.asarray(control).reshape(len(control), {n_controls})",
            "heard": "np.concatenate([history[now : now + 1], control[now + 1 : now + 2]], 1)",
            "next": "np.concatenate([last, control[now + 1 : now + 2]], 1)",
        }
    return FORECAST.format(**values, **driven, n_values=n_values)


def _chain(function: Function, symbols: Symbols, recent: Value) -> str:
    written = symbols.unit != "symbol"
    return CHAIN.format(
        name=function.name,
        width=recent.shape_of(1)[-1],
        nothing='""' if written else "()",
        these="a text" if written else "the last state, or a list of the last states, the oldest first",
        verb='sample(length=200, prompt="", temperature=1.0, noise=None)'
        if written
        else "simulate(n_steps, start=(), noise=None)",
        about="A text drawn from the model, the prompt not included."
        if written
        else "States drawn one after the other.",
        count="length" if written else "n_steps",
        before="prompt" if written else "start",
        temperature="\n        temperature: Above 0; below 1 likelier, above 1 more daring." if written else "",
        power=" ** (1 / temperature)" if written else ".copy()",
        silent=int(written),
    )
