"""`manage.py demo`: sets a rehearsal up once, says who can sign in, and serves it with the sweeper beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = "run the demo on the rehearsal clock (REHEARSAL=1)"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="start over")
        parser.add_argument("--scheme", default="", metavar="KEY", help="only the rounds of this award")
        parser.add_argument("--no-serve", action="store_true", help="only set up")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError("演示只在演练环境运行：REHEARSAL=1 manage.py demo（或者 make demo）。")
        from award_portal.rehearsal.demo import SCHEMES, accounts_table, build_demo, forget_demo, is_built
        from award_portal.rehearsal.migrated import migrate_empty

        if options["scheme"] not in ("", *SCHEMES):
            raise CommandError(f"演示中没有“{options['scheme']}”。现有：{'、'.join(SCHEMES)}。")

        if options["reset"]:
            self.stdout.write("→ 清空演示数据")
            forget_demo()
        self.stdout.write("→ 准备数据库")
        name = Path(str(settings.DATABASES["default"]["NAME"]))
        if connection.vendor == "sqlite" and not name.exists():
            migrate_empty(name)
        else:
            call_command("migrate", verbosity=0, interactive=False)
        if is_built():
            self.stdout.write("✓ 沿用上次的演示数据（make demo-reset 重新开始）")
        else:
            started = time.monotonic()
            for line in build_demo(options["scheme"]):
                self.stdout.write(f"→ {line}")
                self.stdout.flush()
            self.stdout.write(f"✓ 演示数据就绪（{time.monotonic() - started:.0f} 秒）")
        self.stdout.write(accounts_table())
        if not options["no_serve"]:
            self._serve(options["port"])

    def _serve(self, port: int) -> None:
        """The web server and the sweeper as children; one ends, both end."""
        manage = str(settings.BASE_DIR / "manage.py")
        address = f"127.0.0.1:{port}"
        children = [
            subprocess.Popen(
                [sys.executable, manage, "sweep", "--watch", "--interval", "2"],
                env=os.environ, stdout=subprocess.DEVNULL,
            ),
            subprocess.Popen(
                [
                    sys.executable, "-m", "gunicorn", "award_portal.wsgi:application", "--bind", address,
                    "--threads", "4", "--log-level", "warning", "--timeout", "120", "--chdir", str(settings.BASE_DIR),
                ],
                env=os.environ,
            ),
        ]  # fmt: skip
        self.stdout.write(f"\n打开 http://{address} ，Ctrl-C 结束。\n")
        self.stdout.flush()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.stdout.write("\n演示结束，数据已保留。")
        finally:
            for child in children:
                child.terminate()
            for child in children:
                _wait_or_kill(child)
        if any(child.returncode not in (0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGKILL) for child in children):
            raise CommandError(f"服务没有正常运行，端口 {port} 可能被占用（PORT= 换一个）。")


def _wait_or_kill(child: subprocess.Popen[bytes]) -> None:
    """A sweeper in the middle of its papers is killed: whatever it had not finished is still due."""
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
