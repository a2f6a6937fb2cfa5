"""The picture in a terminal: drawn again every few seconds, or once."""

import time

from rich.console import Console
from rich.live import Live

from media_assets.superres.monitor.facts import Collector
from media_assets.superres.monitor.screen import picture
from resources.home import Home
from resources.problems import BadInput

# Over which the load of the machine is measured for a single picture.
LOAD_S = 0.2


def monitor(home: Home, console: Console, every_s: float, once: bool) -> None:
    """Show how the work on patches of a home stands, until Ctrl+C; to a file or pipe, once.

    Raises `BadInput` where there is no home.
    """
    if not home.root.is_dir():
        raise BadInput(
            "no such home", where=home.root.name, remedy="Name the folder of the run: --home."
        )
    collector = Collector(home)
    if once or not console.is_terminal:
        time.sleep(LOAD_S)
        console.print(picture(collector.collect(), console))
        return
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(picture(collector.collect(), console, console.height), refresh=True)
                time.sleep(every_s)
    except KeyboardInterrupt:
        pass
