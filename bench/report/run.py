"""What a file of results says of the run that it is from."""
import datetime
import json
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def commit():
    """Of the sources that were measured; a release's tarball has none, and not every machine has git."""
    if not os.path.exists(os.path.join(ROOT, ".git")) or not shutil.which("git"):
        return "no commit"
    said = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=10"],
                          capture_output=True, text=True)
    return said.stdout.strip() if said.returncode == 0 else "no commit"


def today():
    return datetime.date.today().isoformat()


def read_json(path):
    """An object; anything else raises ValueError, whose text is the whole sentence."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ValueError(f"{path} is no JSON file") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no results")
    return content
