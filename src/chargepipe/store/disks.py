"""Disks: what kind of file system a folder lies on, and whether SQLite may lie there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "afs", "ceph", "glusterfs"),
        *("webdav", "davfs", "fuse.sshfs", "fuse.s3fs", "fuse.glusterfs", "fuse.davfs2"),
        *("fuse.rclone", "fuse.gcsfuse", "macfuse", "osxfuse"),
    }
)
"""Their locks and their memory of what was written are not to be trusted."""
PASSED_ON = ("9p", "virtiofs", "prl_fs", "vboxsf", "fuse.")
"""A folder of another system, or a program that acts as a disk: it may be a network behind it."""
LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.lxcfs", "fuse.portal"})


def trust(kind: str) -> Literal["local", "unsure", "network"]:
    """What is to be thought of a kind of file system."""
    if kind in NETWORK:
        return "network"
    return "unsure" if kind.startswith(PASSED_ON) and kind not in LOCAL_FUSE else "local"


def disk_kind(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that `path` lies on; "" where the system does not tell."""
    rows = _linux(mounts.read_text()) if mounts.exists() else _others()
    under = [(len(place), kind) for place, kind in rows if path.is_relative_to(place)]
    return max(under)[1] if under else ""


def _linux(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        place, kind = line.split()[1:3]
        yield place.replace("\\040", " "), kind


def _others() -> Iterator[tuple[str, str]]:
    """macOS and the BSDs: "server:/x on /data (nfs, nodev)"."""
    try:
        told = subprocess.run(
            ["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return
    for line in told.stdout.splitlines():
        _, _, rest = line.partition(" on ")
        place, _, kind = rest.rpartition(" (")
        yield place, kind.rstrip(")").partition(",")[0]


def why_not(path: Path) -> str:
    """Why SQLite may not lie in this folder, in words; "" where it may."""
    kind = disk_kind(path)
    if trust(kind) != "network":
        return ""
    return (
        f"{path} lies on a network disk ({kind}), where SQLite may lose data. Put CHARGEPIPE_HOME "
        "on a local disk, or use PostgreSQL by DATABASE_URL."
    )
