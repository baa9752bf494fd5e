"""The story that the quick start plays."""

import subprocess
import sys

from conftest import SOURCE


def test_the_story_ends_well(world):
    done = subprocess.run([sys.executable, str(SOURCE / "tests/support/story.py"), str(world.folder)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "Try it yourself" in done.stdout, done.stdout[-1500:] + done.stderr[-1500:]
