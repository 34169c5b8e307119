"""DATA: every kind of file that people have, and what is said when it cannot be read."""

import sys
from pathlib import Path

import click
import numpy as np
import pytest

from neurarium.cli.reading import read


def test_a_table_with_names_gives_its_answers_apart(table: Path) -> None:
    rows = read(str(table), "kind")
    assert rows.X.shape == (60, 2)
    assert set(rows.y) == {"rose", "tulip"}
    assert rows.columns == ("length", "width", "kind")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "1,2,0\n3,4,1\n"),
        ("t.csv", "a;b;c\n1;2;0\n3;4;1\n"),
        ("t.tsv", "1\t2\t0\n3\t4\t1\n"),
        ("t.txt", "1 2 0\n3 4 1\n"),
    ],
)
def test_tables_are_read_whatever_stands_between_the_columns(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    rows = read(str(file), "-1")
    assert rows.X.tolist() == [[1, 2], [3, 4]]
    assert rows.y.tolist() == [0, 1]
    assert rows.y.dtype.kind == "i"


def test_an_empty_field_is_a_missing_value(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b\n1,\nNA,4\n")
    assert np.isnan(read(str(file)).X).tolist() == [[False, True], [True, False]]


def test_arrays_are_read_with_and_without_answers(tmp_path: Path) -> None:
    X, y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 0, 1])
    np.save(tmp_path / "a.npy", X)
    np.savez(tmp_path / "b.npz", X=X, y=y)
    np.savez(tmp_path / "c.npz", first=X, second=y)
    assert np.array_equal(read(str(tmp_path / "a.npy")).X, X)
    assert read(str(tmp_path / "a.npy"), "2").y.tolist() == [2, 5, 8, 11]
    assert read(str(tmp_path / "b.npz")).y.tolist() == y.tolist()
    assert read(str(tmp_path / "c.npz"), "second").X.shape == (4, 3)
    with pytest.raises(ValueError, match="first, second"):
        read(str(tmp_path / "c.npz"))


def test_a_parquet_table_is_read(tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas", reason="the tables extra is not installed")
    pytest.importorskip("pyarrow", reason="the tables extra is not installed")
    pd.DataFrame({"a": [1.5, 2.5], "kind": ["x", "y"]}).to_parquet(tmp_path / "t.parquet")
    rows = read(str(tmp_path / "t.parquet"), "kind")
    assert rows.X.tolist() == [[1.5], [2.5]]
    assert rows.y.tolist() == ["x", "y"]


def test_a_folder_of_images_takes_its_sub_folders_as_classes(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="the images extra is not installed")
    for number, name in enumerate(["cat/1.png", "cat/2.png", "dog/1.png"]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        image.fromarray(np.full((4, 5), 85 * number, np.uint8)).save(tmp_path / name)
    rows = read(str(tmp_path))
    assert rows.X.shape == (3, 4, 5)
    assert rows.X[:, 0, 0].tolist() == pytest.approx([0, 1 / 3, 2 / 3])
    assert rows.y.tolist() == ["cat", "cat", "dog"]
    image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / "dog" / "2.png")
    with pytest.raises(ValueError, match=r"2\.png is 2 x 2 pixels where the first image is 5 x 4"):
        read(str(tmp_path))


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"needs pandas \+ pyarrow: pip install 'neurarium\[tables\]'"):
        read(str(tmp_path / "t.parquet"))
    with pytest.raises(ImportError, match=r"needs pillow: pip install 'neurarium\[images\]'"):
        read(str(tmp_path))


def test_a_data_sets_name_is_data() -> None:
    rows = read("digits")
    assert rows.X.shape == (1797, 8, 8)
    assert len(rows.y) == 1797


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("t.csv", b"a,b\n1,2\n3,four\n", "column 'b' holds 'four' in row 2, which is no number"),
        ("t.csv", b"a,b\n1,2\n3\n", "row 2 has 1 columns where 2 are needed"),
        ("t.csv", b"", "holds no rows"),
        ("t.csv", b"a,b\n", "holds no rows"),
        ("t.csv", b"\xff\xfe\x00", "cannot be read"),
        ("t.npy", b"nothing of the kind", "cannot be read"),
        ("t.npz", b"nothing of the kind", "cannot be read"),
        ("t.parquet", b"nothing of the kind", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, name: str, content: bytes, complaint: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=complaint):
        read(str(tmp_path / name))


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="cannot be read"):
        read(str(tmp_path / "t.npy"))


def test_other_kinds_of_files_are_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "t.doc").write_text("x")
    with pytest.raises(click.UsageError, match=r"known are \.csv"):
        read(str(tmp_path / "t.doc"))
    with pytest.raises(click.UsageError, match="Did you mean digits"):
        read("digitz")


def test_a_text_stays_a_text(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("to be or not to be\n")
    assert read(str(tmp_path / "t.txt")).X == "to be or not to be\n"
