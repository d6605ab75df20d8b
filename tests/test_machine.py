"""What the machine offers, read from files as Linux keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bordersim.machine import Memory, disk, memory, processors

MEMINFO = "MemTotal:       1000 kB\nMemFree: 10 kB\nMemAvailable:    600 kB\nHugePages_Total:  0\n"


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in ({"proc/meminfo": MEMINFO} | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_a_limit_the_machine_decides(tmp_path: Path) -> None:
    found = memory(system(tmp_path, {"proc/self/cgroup": "0::/\n"}))
    assert found == Memory(1_024_000, 614_400, None, None)
    assert found.free == 614_400


def test_a_limit_of_version_two_is_heeded(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/batch/job\n",
        "sys/fs/cgroup/batch/memory.max": "500000\n",
        "sys/fs/cgroup/batch/memory.current": "100000\n",
        "sys/fs/cgroup/batch/job/memory.max": "max\n",
    }
    found = memory(system(tmp_path, files))
    assert (found.limit, found.used, found.free) == (500_000, 100_000, 400_000)


def test_the_tightest_limit_of_version_one_is_heeded(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/memory"
    files = {
        "proc/self/cgroup": "3:cpu:/x\n2:hugetlb,memory:/docker/abc\n",
        f"{group}/memory.limit_in_bytes": "9223372036854771712\n",
        f"{group}/docker/memory.limit_in_bytes": "300000\n",
        f"{group}/docker/memory.usage_in_bytes": "290000\n",
        f"{group}/docker/abc/memory.limit_in_bytes": "400000\n",
        f"{group}/docker/abc/memory.usage_in_bytes": "1\n",
    }
    found = memory(system(tmp_path, files))
    assert (found.limit, found.free) == (300_000, 10_000)


def test_the_number_that_means_no_limit_is_none(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/memory"
    files = {
        "proc/self/cgroup": "2:memory:/\n",
        f"{group}/memory.limit_in_bytes": "9223372036854771712\n",
        f"{group}/memory.usage_in_bytes": "1\n",
    }
    assert memory(system(tmp_path, files)).limit is None


def test_a_limit_beyond_the_machine_changes_nothing(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": "99000000\n",
        "sys/fs/cgroup/memory.current": "0\n",
    }
    assert memory(system(tmp_path, files)).free == 614_400


def test_a_system_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    found = memory(tmp_path)
    assert (found.available, found.limit) == (None, None)
    assert found.free == found.total


def test_this_machine_has_memory_and_processors() -> None:
    assert (memory().total or 0) > 10**8
    there, usable = processors()
    assert 1 <= usable <= there


@pytest.mark.parametrize("name", [".", "results", "results/a/b"])
def test_the_disk_of_a_folder_to_come_is_that_above_it(name: str, tmp_path: Path) -> None:
    found = disk(tmp_path / name)
    assert found.folder == tmp_path
    assert found.refusal is None
    assert found.free > 0
    assert list(tmp_path.iterdir()) == []
