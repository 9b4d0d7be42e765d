"""Firefox and WebKit through one interface, Selenium's, from what Debian packages and nothing else.

WebKitGTK comes with a driver that speaks WebDriver over HTTP. Firefox's own (geckodriver) is in no Debian package; it only
translates to Marionette, which Firefox speaks itself, so `Marionette` sends Selenium's commands there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webelement import WebElement

from tests.engines import listening

PATIENCE = 15.0  # seconds for what a page does after an act
PHONE, DESK = (390, 844), (1280, 900)
MINIBROWSERS = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))

# Selenium's name of a command, and Marionette's where it isn't the same with a capital.
RENAMED = {
    "get": "Navigate",
    "goBack": "Back",
    "goForward": "Forward",
    "clickElement": "ElementClick",
    "clearElement": "ElementClear",
    "sendKeysToElement": "ElementSendKeys",
    "w3cExecuteScript": "ExecuteScript",
    "w3cExecuteScriptAsync": "ExecuteAsyncScript",
    "w3cGetActiveElement": "GetActiveElement",
    "getCurrentUrl": "GetCurrentURL",
    "screenshot": "TakeScreenshot",
    "actions": "PerformActions",
    "clearActionState": "ReleaseActions",
    "isElementDisplayed": "IsElementDisplayed",
}


class Marionette(RemoteConnection):
    """Firefox's own protocol: a length, a colon, and [kind, number, name, parameters] as JSON."""

    def __init__(self, port: int) -> None:
        super().__init__(client_config=ClientConfig("http://marionette.invalid"))
        self.number = 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.lines = self.socket.makefile("rb")
        self._read()  # it says hello first

    def execute(self, command: str, params: dict[str, Any]) -> dict[str, Any]:
        self.number += 1
        name = f"WebDriver:{RENAMED.get(command, command[0].upper() + command[1:])}"
        return self.ask(name, {key: value for key, value in params.items() if key != "sessionId"})

    def ask(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        packet = json.dumps([0, self.number, name, params]).encode()
        self.socket.sendall(b"%d:%s" % (len(packet), packet))
        _kind, _number, error, result = self._read()
        if error:
            return {"status": 500, "value": json.dumps({"value": error})}
        return result if isinstance(result, dict) and set(result) == {"value"} else {"value": result}

    def _read(self) -> Any:
        length = b""
        while (each := self.lines.read(1)) not in (b":", b""):
            length += each
        return json.loads(self.lines.read(int(length)))

    def close(self) -> None:
        self.socket.close()


# Marks on the element that is looked for: what a person reads on it, or what it is called aloud.
FIND = """
const [words, within] = arguments
const name = (each) => each.getAttribute("aria-label") || each.innerText || each.value || ""
const seen = (each) => each.getClientRects().length && getComputedStyle(each).visibility !== "hidden"
const all = [...document.querySelectorAll("button, a, summary, label, [role=button], [role=option], [role=tab]")]
  .filter((each) => (!within || each.closest(within)) && seen(each))
const tidy = (text) => text.replace(/\\s+/g, " ").trim()
return all.find((each) => tidy(name(each)) === words) || all.find((each) => tidy(name(each)).startsWith(words))
  || all.find((each) => tidy(each.innerText).includes(words)) || null
"""


class Engine:
    """A browser with one window, and what a person does there."""

    def __init__(self, name: str, driver: webdriver.Remote, resize: Callable[[tuple[int, int]], None]) -> None:
        self.name, self.driver, self.resize = name, driver, resize
        self.home = ""

    # --- acts

    def open(self, address: str) -> None:
        self.driver.get(self.home + address)
        self.until(lambda: self.run("return document.readyState === 'complete'"), "end of loading")

    def sign_in(self, client: Any) -> None:
        """With the cookies of a test client; the first page must be of this portal already."""
        self.open(listening.EMPTY)
        self.driver.delete_all_cookies()
        for name, cookie in client.cookies.items():
            self.driver.add_cookie({"name": name, "value": cookie.value, "path": "/"})

    def find(self, words: str, within: str = "") -> WebElement:
        return self.until(lambda: self.driver.execute_script(FIND, words, within), f"“{words}” to press")

    def press(self, words: str, within: str = "") -> None:
        """What reads so: scrolled to as a thumb does, not to the edge, where something fixed may lie over it."""
        end = time.monotonic() + PATIENCE
        while True:
            element = self.find(words, within)
            try:
                self.bring(element)
                element.click()
                return
            except (StaleElementReferenceException, ElementClickInterceptedException):  # swapped, or a toast lies there
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def bring(self, element: WebElement) -> None:
        self.driver.execute_script(
            "const box = arguments[0].getBoundingClientRect();"
            "if (box.top < 120 || box.bottom > innerHeight - 160) arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})",
            element,
        )

    def field(self, selector: str) -> WebElement:
        return self.until(
            lambda: next(
                (each for each in self.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()), None
            ),
            f"a field {selector}",
        )

    def fill(self, selector: str, words: str) -> None:
        field = self.field(selector)
        self.bring(field)
        field.clear()
        field.send_keys(words)

    def type(self, selector: str, words: str, pause: float = 0.4) -> None:
        """Letter by letter, with a pause after each that a search takes for the end."""
        field = self.field(selector)
        self.bring(field)
        for letter in words:
            field.send_keys(letter)
            time.sleep(pause)

    def key(self, *keys: str) -> None:
        """To what has the focus."""
        self.driver.switch_to.active_element.send_keys(*(getattr(Keys, each.upper(), each) for each in keys))

    def back(self) -> None:
        self.driver.back()

    # --- sights

    @property
    def path(self) -> str:
        return self.driver.current_url.removeprefix(self.home)

    @property
    def text(self) -> str:
        return self.driver.execute_script("return document.body?.innerText ?? ''")

    def texts(self, selector: str) -> list[str]:
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText.trim())", selector
        )

    @property
    def focus(self) -> str:
        """The name of what has the focus: as it is said aloud, as it reads, or its id."""
        return self.driver.execute_script(
            "const each = document.activeElement;"
            "return each === document.body ? 'body' : each.getAttribute('aria-label') || each.innerText?.trim() || each.value || each.id"
        )

    @property
    def scroll(self) -> int:
        return round(self.driver.execute_script("return scrollY"))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    @property
    def errors(self) -> list[str]:
        """What pages complained about since `forget`, and what the server refused."""
        time.sleep(0.3)  # a beacon is on its way
        return [
            *listening.said,
            *[f"{status} {path}" for status, path in listening.answered if status >= 400],
            *self.console(),
        ]

    def console(self) -> list[str]:
        return []

    def forget(self) -> None:
        listening.said.clear()
        listening.answered.clear()

    # --- waiting

    def until(self, look: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if found := look():
                    return found
            except StaleElementReferenceException:
                pass
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: no {what} on {self.path}; it reads: {self.text[:1500]}")
            time.sleep(0.1)

    def see(self, words: str) -> None:
        self.until(lambda: words in self.text, f"“{words}”")

    def at(self, path: str) -> None:
        self.until(lambda: self.path.split("?")[0] == path, f"page {path}")


class Firefox(Engine):
    """Its console is read as well, whole: it says more than a page hears, such as styles it refuses to load."""

    def __init__(self, driver: webdriver.Remote) -> None:
        super().__init__("Firefox", driver, self._resize)

    def _inside(self, script: str, *arguments: Any) -> Any:
        """Run as the browser, not as the page."""
        connection = self.driver.command_executor
        connection.ask("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.driver.execute_script(script, *arguments)
        finally:
            connection.ask("Marionette:SetContext", {"value": "content"})

    def _resize(self, size: tuple[int, int]) -> None:
        """Of the page: a window is never narrower than 450."""
        self._inside(
            "const [width, height] = arguments;"
            "for (const [side, value] of [['width', width], ['height', height]])"
            "  for (const each of ['', 'min-', 'max-']) gBrowser.selectedBrowser.style.setProperty(each + side, `${value}px`)",
            *size,
        )

    def console(self) -> list[str]:
        return self._inside(
            "return Services.console.getMessageArray().filter((each) => each instanceof Ci.nsIScriptError"
            " && each.sourceName.startsWith(arguments[0]) && !(each.flags & Ci.nsIScriptError.warningFlag))"
            ".map((each) => `${each.category}: ${each.errorMessage} (${each.sourceName})`)",
            self.home,
        )

    def forget(self) -> None:
        super().forget()
        self._inside("Services.console.reset()")


@contextmanager
def firefox(room: Path) -> Iterator[Engine]:
    (room / "user.js").write_text('user_pref("marionette.port", 0);\nuser_pref("ui.prefersReducedMotion", 1);\n')
    command = [shutil.which("firefox-esr") or "firefox", "--headless", "--marionette", "--remote-allow-system-access"]
    with (room / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--no-remote", "--profile", str(room)], stdout=log, stderr=log)
    try:
        driver = webdriver.Remote(command_executor=Marionette(_port(room, process)), options=webdriver.FirefoxOptions())
        yield Firefox(driver)
    finally:
        process.terminate()
        process.wait(30)


def _port(room: Path, process: subprocess.Popen[bytes]) -> int:
    told, end = room / "MarionetteActivePort", time.monotonic() + 90
    while not (told.exists() and told.read_text().strip()):
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"Firefox doesn’t start: {(room / 'log').read_text()[-2000:]}")
        time.sleep(0.1)
    return int(told.read_text())


# MiniBrowser's bar of buttons is wider than a phone.
NARROW = "* { min-width: 0; } entry { min-width: 1px; } button { padding: 0; border: 0; }"


@contextmanager
def webkit(room: Path) -> Iterator[Engine]:
    (room / "gtk-3.0").mkdir()
    (room / "gtk-3.0" / "gtk.css").write_text(NARROW)
    (room / "gtk-3.0" / "settings.ini").write_text("[Settings]\ngtk-enable-animations=0\n")
    with _screen() as display:
        environment = os.environ | {"DISPLAY": display, "XDG_CONFIG_HOME": str(room), "XDG_DATA_HOME": str(room)}
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(MINIBROWSERS[-1])
        options.add_argument("--automation")
        service = webdriver.WebKitGTKService(shutil.which("WebKitWebDriver"), env=environment)
        driver = webdriver.WebKitGTK(options=options, service=service)
        bar = 38
        try:
            yield Engine("WebKit", driver, lambda size: driver.set_window_rect(0, 0, size[0], size[1] + bar))
        finally:
            driver.quit()


@contextmanager
def _screen() -> Iterator[str]:
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        process.terminate()
        process.wait(10)


ENGINES = {"Firefox": firefox, "WebKit": webkit}


def missing(name: str) -> str:
    """Why this engine can't be driven here; empty when it can."""
    if name == "Firefox":
        return "" if shutil.which("firefox-esr") or shutil.which("firefox") else "no Firefox (Debian: firefox-esr)"
    lacks = [each for each in ("WebKitWebDriver", "Xvfb") if not shutil.which(each)]
    if not MINIBROWSERS:
        lacks.append("MiniBrowser")
    return f"no {', '.join(lacks)} (Debian: webkit2gtk-driver xvfb)" if lacks else ""
