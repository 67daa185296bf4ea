"""The command `workbook`: brings the cluster and JupyterLab up, down, and back in order."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable

from helpers import jupyter
from helpers.cluster import doctor, extras, images, kind, machine, reset
from helpers.cluster.progress import Progress, StepFailed
from helpers.engine.cache import cache_dir
from helpers.engine.engine import Engine, EngineError
from helpers.kube import guard


def start(progress: Progress) -> None:
    """Start the cluster and JupyterLab; JupyterLab alone under WORKBOOK_REPLAY=1."""
    server = jupyter.running()
    process = None if server else jupyter.launch()  # it starts while the cluster does
    try:
        if os.environ.get("WORKBOOK_REPLAY") != "1":
            up(progress)
        if process is not None:
            with progress.step("JupyterLab"):
                server = jupyter.wait(process)
    except BaseException:
        if process is not None:  # nothing is noted of it yet, so nobody else could stop it
            process.terminate()
        raise
    assert server is not None
    print(f"\n  Open this address in your browser:\n\n    {server.address}\n", flush=True)


def up(progress: Progress) -> None:
    """Bring the cluster up; does nothing twice."""
    machine.find(progress).up(progress)


def down(progress: Progress) -> None:
    """Take the cluster down; what was built stays."""
    machine.present().down(progress)


def stop(progress: Progress) -> None:
    """Stop JupyterLab and take the cluster down."""
    if jupyter.stop():
        progress.say("  ✓ JupyterLab stopped")
    down(progress)


def status(progress: Progress) -> None:
    """Tell what runs."""
    del progress
    server = jupyter.running()
    print(f"JupyterLab  {server.address if server else 'not running'}")
    nodes = machine.present().status()
    name = guard.owner_context() or kind.NAME
    print("cluster     " + (name if nodes else "not running; `workbook up` starts it"))
    for name, state in nodes.items():
        print(f"  {name:24} {state}")
    if not all(state.endswith(" Ready") or state == "Ready" for state in nodes.values()):
        raise StepFailed("The cluster is not whole. `workbook reset` mends it.")


def reset_all(progress: Progress) -> None:
    """Delete what lessons left and put back what they changed; a lost cluster is made anew."""
    names = reset.reset(machine.find(progress), progress)
    progress.say(f"  ✓ clean: {len(names)} namespaces of lessons deleted")


def push(progress: Progress) -> None:
    """Build the course images and push them to the registry of WORKBOOK_IMAGE_PREFIX."""
    prefix = os.environ.get("WORKBOOK_IMAGE_PREFIX")
    if not prefix:
        raise StepFailed(
            "WORKBOOK_IMAGE_PREFIX is not set: it names the registry and the folder that your "
            "cluster pulls from, such as registry.example/team."
        )
    engine, names = machine.find(progress).course_images(progress)
    images.push(engine, names, prefix, progress)


def build_programs(name: str, progress: Progress) -> None:
    """Build the programs that one lesson needs, if they are not there; print their folder."""
    print(extras.build(name, progress), flush=True)


def examine(progress: Progress) -> None:
    """Look at everything that the workbook needs of this machine."""
    del progress
    findings = doctor.examine()
    for finding in findings:
        print(f"{'✓' if finding.good else '✗'} {finding.what}: {finding.seen}")
        if finding.mend:
            print(f"    {finding.mend}")
    if any(not finding.good for finding in findings):
        raise StepFailed("This machine is not ready for the workbook.")


def clean(progress: Progress) -> None:
    """Stop everything, and remove all that was built."""
    try:
        stop(progress)
        engine = Engine.find()
        for name in kind.clusters():  # also beside a cluster of an owner, which `stop` leaves
            kind.down(engine, progress, name)
        with progress.step("removing images"):
            engine.remove_images(engine.labelled(images.LABEL))
            engine.remove_images(engine.images(images.PREFIX))
    except EngineError:
        pass  # without an engine there is nothing of ours in one
    # The Go module cache is read-only, folders included.
    with progress.step(f"removing {cache_dir()}"):
        for folder in cache_dir().rglob("*"):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o700)
        shutil.rmtree(cache_dir(), ignore_errors=True)


COMMANDS: dict[str, Callable[[Progress], None]] = {
    "start": start,
    "up": up,
    "down": down,
    "stop": stop,
    "status": status,
    "reset": reset_all,
    "doctor": examine,
    "clean": clean,
}


def main() -> int:
    """Run one command; returns 0, or 1 with one clear paragraph."""
    parser = argparse.ArgumentParser(prog="workbook", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, function in COMMANDS.items():
        commands.add_parser(name, help=function.__doc__)
    group = commands.add_parser("images", help="the course images")
    group.add_argument("what", choices=["push"], help=push.__doc__)
    group = commands.add_parser("programs", help=build_programs.__doc__)
    group.add_argument("what", choices=list(extras.EXTRAS))
    asked = parser.parse_args()
    command = asked.command
    try:
        with Progress(cache_dir() / "logs", command=command) as progress:
            if command == "programs":
                build_programs(asked.what, progress)
            else:
                (push if command == "images" else COMMANDS[command])(progress)
    except (StepFailed, EngineError, jupyter.JupyterError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrupted. `workbook {command}` goes on where it stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
