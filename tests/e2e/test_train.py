"""minhuctl train: a model from past cases, the same from the same, judged on cases held out; bad cases and damaged models told."""

import os
import pathlib
import subprocess

import pytest

BUILD = pathlib.Path(os.environ.get("MINHU_BUILD", ".")).resolve()
SUBJECTS = {
    "lamp": ("路灯", "街灯", "灯杆"),
    "lift": ("电梯", "轿厢", "梯门"),
    "water": ("停水", "水压", "水管"),
}
PLACES = ("东门", "北巷", "三号楼", "菜场边", "学校旁", "河边", "车站", "公园")


def train(*arguments):
    return subprocess.run([BUILD / "minhuctl", "train", *map(str, arguments)], capture_output=True, text=True, check=False)


def cases(folder, name="cases.tsv", places=PLACES):
    path = folder / name
    rows = [f"{place}\t{category}\t{place}的{word}坏了好几天，没有人来修\n"
            for category, words in SUBJECTS.items() for word in words for place in places]
    path.write_text("title\tcategory\ttext\n" + "".join(rows), encoding="utf-8")
    return path


def figures(done):
    assert done.returncode == 0, done.stderr
    return {name: float(value) for name, value in (line.split(" ") for line in done.stdout.splitlines())}


@pytest.fixture(name="model")
def model_made(tmp_path):
    done = train("--model", tmp_path / "model", cases(tmp_path))
    assert done.returncode == 0, done.stderr
    return tmp_path / "model"


def test_what_it_learnt_it_knows_elsewhere(model, tmp_path):
    got = figures(train("--model", model, "--measure", cases(tmp_path, "others.tsv", ("大桥下", "敬老院"))))
    assert list(got) == ["accuracy", "macro_f1", "sure_share", "sure_accuracy", "us_per_message"]
    assert got["accuracy"] == got["macro_f1"] == 1


def test_the_same_cases_make_the_same_model(model, tmp_path):
    first = model.read_bytes()
    assert train("--model", model, cases(tmp_path)).returncode == 0
    assert model.read_bytes() == first
    assert not (tmp_path / "model.new").exists()


def test_it_tells_how_well_it_does_and_what_it_confuses(tmp_path):
    path = cases(tmp_path)
    with open(path, "a", encoding="utf-8") as file:  # nobody can tell these apart
        file.writelines(f"\t{category}\t{word}有问题{place}\n" for category, word in (("lamp", "电梯"), ("lift", "路灯"))
                        for place in PLACES)
    done = train("--model", tmp_path / "model", path)
    assert done.returncode == 0, done.stderr
    assert "88 cases of 3 categories" in done.stdout and "On 88 of them" in done.stdout and "accuracy 0." in done.stdout
    confused = [line.split() for line in done.stdout.split("confused most often")[1].splitlines()[1:]]
    assert {(a, b) for _, a, b in confused} >= {("lamp", "lift")}


def test_an_unknown_category_counts_as_wrong(model, tmp_path):
    path = tmp_path / "odd.tsv"
    path.write_text("category\ttext\nlamp\t路灯坏了\nzoo\t路灯坏了\naviary\t电梯坏了\n", encoding="utf-8")
    assert figures(train("--model", model, "--measure", path))["accuracy"] == 0.3333


@pytest.mark.parametrize("text, why", [
    ("text\tkind\nx\ty\n", ":1: the first line must name"),
    ("category\ttext\nlamp\t路灯\nlamp\t\n", ":3: there is no text"),
    ("category\ttext\n\t路灯\n", ":2: a category is"),
    ("category\ttext\n" + "x" * 64 + "\t路灯\n", ":2: a category is"),
    ("category\ttext\n", "no case"),
    ("category\ttext\nlamp\t路灯坏了\nlamp\t路灯不亮\n", "two categories"),
    ("category\ttext\na\t甲\nb\t乙\n", "in common"),
])
def test_bad_cases_are_told_and_nothing_is_made(tmp_path, text, why):
    path = tmp_path / "bad.tsv"
    path.write_text(text, encoding="utf-8")
    done = train("--model", tmp_path / "model", path)
    assert done.returncode == 65 and why in done.stderr
    assert not (tmp_path / "model").exists()


def test_bad_utf8_is_told(tmp_path):
    (tmp_path / "bad.tsv").write_bytes(b"category\ttext\nlamp\t\xff\xfe\n")
    assert ":2: it is not valid UTF-8" in train("--model", tmp_path / "model", tmp_path / "bad.tsv").stderr


def test_a_damaged_model_is_refused(model, tmp_path):
    bytes_of = model.read_bytes()
    for bad, why in ((bytes_of[:-100], "cut off"), (bytes_of[:900] + b"\x55" + bytes_of[901:], "checksum"), (b"", "too short")):
        model.write_bytes(bad)
        done = train("--model", model, "--measure", cases(tmp_path))
        assert done.returncode == 66 and why in done.stderr


def test_where_no_file_can_be_made(tmp_path):
    assert train("--model", tmp_path / "none" / "model", cases(tmp_path)).returncode == 73
    assert train(cases(tmp_path)).returncode == 64


def test_what_is_learnt_besides_is_not_judged(tmp_path):
    more = tmp_path / "more.tsv"
    more.write_text("category\ttext\n" + "".join(f"zoo\t{place}的猴子跑了\n" for place in PLACES), encoding="utf-8")
    done = train("--model", tmp_path / "model", "--also", more, cases(tmp_path))
    assert "80 cases of 4 categories" in done.stdout and "On 72 of them" in done.stdout
    (tmp_path / "monkey.tsv").write_text("category\ttext\nzoo\t大桥下的猴子跑了\n", encoding="utf-8")
    assert figures(train("--model", tmp_path / "model", "--measure", tmp_path / "monkey.tsv"))["accuracy"] == 1


def test_the_seed_corpus_is_whole(tmp_path):
    source = pathlib.Path(__file__).resolve().parents[2]
    rows = [line.split("\t") for line in (source / "data/seed-corpus.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    done = train("--model", tmp_path / "model", source / "data/seed-corpus.tsv")
    assert done.returncode == 0 and f"{len(rows)} cases" in done.stdout
    tree = subprocess.run([BUILD / "minhuctl", "demo", tmp_path / "demo"], capture_output=True, check=True) and \
        (tmp_path / "demo/categories.tsv").read_text(encoding="utf-8")
    codes = {line.split("\t")[0] for line in tree.splitlines()[1:]}
    counts = {code: sum(row[0] == code or row[0].startswith(code + ".") for row in rows) for code in codes}
    assert {row[0] for row in rows} <= codes
    assert min(n for code, n in counts.items() if "." not in code) >= 30
    assert min(n for code, n in counts.items() if "." in code) >= 5
    assert len({row[2] for row in rows}) == len(rows)


def test_of_the_seed_corpus_it_learns_more_than_half(tmp_path):
    """Messages held out: enough to begin with at the lowest level, more at the top."""
    source = pathlib.Path(__file__).resolve().parents[2] / "data/seed-corpus.tsv"
    lines = source.read_text(encoding="utf-8").splitlines()
    (tmp_path / "top.tsv").write_text("\n".join([lines[0], *(line.split(".")[0] + "\t" + line.split("\t", 1)[1] for line in lines[1:])]) + "\n", encoding="utf-8")
    for path, least in ((source, 0.6), (tmp_path / "top.tsv", 0.7)):
        told = train("--model", tmp_path / "model", path).stdout
        assert float(told.split("accuracy ")[1].split(",")[0]) >= least, told
