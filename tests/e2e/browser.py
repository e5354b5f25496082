"""A headless browser for page tests; it has a home of its own and asks no other host."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

SECONDS_MAX = 20
_SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Browser:
    """The few things that page tests do."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def get(self, address: str) -> None:
        self._driver.get(address)

    def run(self, script: str) -> Any:
        return self._driver.execute_script(script)

    def text(self, selector: str) -> str:
        return str(self._one(selector).text)

    def press_enter(self, selector: str) -> None:
        self._one(selector).send_keys(Keys.ENTER)

    def type(self, selector: str, words: str) -> None:
        self._one(selector).send_keys(words)

    def click(self, selector: str) -> None:
        self._one(selector).click()

    def choose(self, selector: str, value: str) -> None:
        Select(self._one(selector)).select_by_value(value)

    def picture(self, path: Path) -> None:
        """Keep what the whole page looks like, also what lies below the window."""
        for is_last in (False, False, True):
            try:
                found = self._driver.execute_cdp_cmd(
                    "Page.captureScreenshot", {"captureBeyondViewport": True}
                )
            except TimeoutException:  # the page was still changing
                if is_last:
                    raise
            else:
                path.write_bytes(base64.b64decode(found["data"]))
                return

    def sign_in(self, address: str, session_key: str) -> None:
        """Take a session that the test made; `address` is any page of the server."""
        self._driver.get(address)
        self._driver.add_cookie({"name": settings.SESSION_COOKIE_NAME, "value": session_key})

    def sign_out(self) -> None:
        self._driver.delete_all_cookies()

    def before_pages(self, script: str) -> None:
        """Run this in every page that is opened from now on, before the page's own scripts."""
        self._driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    def count(self, selector: str) -> int:
        return len(self._driver.find_elements(By.CSS_SELECTOR, selector))

    def block(self, address: str) -> None:
        self._driver.execute_cdp_cmd("Network.enable", {})
        self._driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": [address]})

    def wait_for(self, selector: str) -> None:
        self._wait(lambda _: self._driver.find_elements(By.CSS_SELECTOR, selector), selector)

    def wait_until(self, selector: str, words: str) -> None:
        self._wait(lambda _: words in self.text(selector), f"{selector}: {words}")

    def wait_true(self, script: str) -> None:
        self._wait(lambda _: self.run(f"return {script}"), script)

    def faults(self) -> list[str]:
        """What the console holds of warnings and errors, refusals of the policy among them."""
        return [one["message"] for one in self._driver.get_log("browser")]

    def _one(self, selector: str) -> Any:
        return self._driver.find_element(By.CSS_SELECTOR, selector)

    def _wait(self, found: Any, what: str) -> None:
        waiting = WebDriverWait(
            self._driver, SECONDS_MAX, ignored_exceptions=[StaleElementReferenceException]
        )
        waiting.until(found, f"the page has no {what}")


@contextmanager
def browser_open(home: Path, *, width: int, height: int, scheme: str) -> Iterator[Browser]:
    """A window of this size on a screen whose owner likes this colour scheme."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for switch in (*_SWITCHES, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "WARNING"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        yield Browser(driver)
    finally:
        driver.quit()
