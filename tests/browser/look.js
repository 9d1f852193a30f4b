// Opens pages in Chromium as readers do - on a telephone and on a desk, by day, at night and on paper, without a mouse - and says what is wrong.
//
// usage: node look.js MODULES CHROMIUM NAME=PAGE...     writes one line of TAP a test, and `# ` lines before one that failed
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, executablePath, ...pages] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const TELEPHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const DESK = { viewport: { width: 1280, height: 900 } };
const SHOWN = 8;
let count = 0;
let failed = 0;

// Results are rows of name and what is wrong, told in the order in which they are listed here.
function tell(results) {
  for (const [name, wrong] of results) {
    count++;
    if (wrong.length) failed = 1;
    for (const line of wrong.slice(0, SHOWN)) console.log("# " + String(line).replace(/\s+/g, " ").slice(0, 300));
    console.log(`${wrong.length ? "not ok" : "ok"} ${count} - ${name}`);
  }
}

// A page, and all that it said or wanted to load meanwhile.
async function open(browser, path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const url = pathToFileURL(path).href;
  const heard = [];
  page.on("console", (message) => heard.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => heard.push(`error: ${error}`));
  context.on("request", (request) => request.url() !== url && heard.push(`request: ${request.url()}`));
  await page.goto(url, { timeout: 120000 });
  return { page, heard, close: () => context.close() };
}

// What is wider than the page, but for what scrolls by itself.
const sticksOut = () => {
  const width = document.documentElement.clientWidth;
  const wrong = [];
  if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} wide, not ${width}`);
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest(".scroll > *, svg, .unseen, .skip")) continue;
    const box = e.getBoundingClientRect();
    if (box.width > 0 && (box.right > width + 1 || box.left < -1)) wrong.push(`${e.localName}.${e.className} from ${box.left} to ${box.right}: ${e.textContent.slice(0, 60)}`);
  }
  return wrong;
};

// What a box cuts off or lets hang out, that cannot be scrolled to.
const isCut = () => {
  const wrong = [];
  for (const e of document.querySelectorAll("p, li, dd, dt, h1, h2, h3, h4, pre, td, th, caption, summary")) {
    if (!e.checkVisibility() || e.closest(".scroll") || e.scrollWidth <= e.clientWidth + 1 || getComputedStyle(e).display === "inline") continue;
    wrong.push(`${e.localName}: ${e.scrollWidth} in ${e.clientWidth}: ${e.textContent.slice(0, 60)}`);
  }
  return wrong;
};

const isLarge = () => document.querySelectorAll("*").length > 6000;

// Of what comes again and again the first few: axe takes minutes for a page of fifty servers.
const thin = () => {
  for (const [each, kept] of [[".items > li", 3], ["details", 2], ["tbody tr", 4], ["figure svg > *", 12]])
    for (const e of document.querySelectorAll(each)) if ([...e.parentNode.children].filter((x) => x.localName === e.localName).indexOf(e) >= kept) e.remove();
};

async function barriers(page) {
  if (await page.evaluate(isLarge)) await page.evaluate(thin);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  return found.violations
    .filter((v) => v.impact === "serious" || v.impact === "critical" || v.impact === "moderate")
    .map((v) => `${v.impact} ${v.id}: ${v.nodes.length} times, as ${v.nodes[0].html.slice(0, 120)} ${v.nodes[0].any[0]?.message ?? ""}`);
}

// All of it at one width, by day and at night. Folded parts are open.
async function screen({ page, heard }, name) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  const wide = [...(await page.evaluate(sticksOut)), ...(await page.evaluate(isCut))];
  const results = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    results.push([`${name}, ${colorScheme}: no barriers`, await barriers(page)]);
  }
  return [[`${name}: nothing is said, nothing is asked for`, heard], [`${name}: nothing is wider than the page`, wide], ...results];
}

async function desk(browser, name, path) {
  const it = await open(browser, path, DESK);
  const results = await screen(it, `${name}, desk`);
  await it.close();
  return results;
}

async function telephone(browser, name, path) {
  const it = await open(browser, path, TELEPHONE);
  const results = [...(await keyboard(it.page, name)), ...(await screen(it, `${name}, telephone`))];
  await it.close();
  return results;
}

// Does TAB get to all that scrolls, and do the arrows move it?
async function keyboard(page, name) {
  const results = [];
  const wrong = [];
  const focused = () => page.evaluate(() => document.activeElement.className || document.activeElement.localName);
  await page.keyboard.press("Tab");
  if ((await focused()) !== "skip") wrong.push(`the first stop is ${await focused()}`);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(50);
  if ((await page.evaluate(() => document.activeElement.id)) !== "report") wrong.push("the skip link leads nowhere");
  results.push([`${name}: the skip link is first, and leads to the report`, wrong.splice(0)]);
  const wanted = await page.evaluate(() => {
    document.querySelectorAll("details").forEach((d, i) => (d.open = i < 3));
    const all = [...document.querySelectorAll(".scroll")].filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth);
    window.wanted = new Set(all);
    window.unmoved = new Set(all);
    return all.length;
  });
  for (let i = 0; i < 600 && (await page.evaluate(() => window.wanted.size)) > 0; i++) {
    await page.keyboard.press("Tab");
    if (!(await page.evaluate(() => window.wanted.delete(document.activeElement)))) continue;
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.activeElement.scrollLeft > 0, null, { timeout: 2000 }).then(() => page.evaluate(() => window.unmoved.delete(document.activeElement)), () => {});
  }
  const left = await page.evaluate(() => [window.wanted.size, window.unmoved.size]);
  if (wanted === 0) wrong.push("nothing scrolls, so nothing was tested");
  if (left[0] || left[1]) wrong.push(`of ${wanted}, ${left[0]} were not reached and ${left[1]} did not move`);
  results.push([`${name}: the keyboard gets to each table that scrolls, and moves it`, wrong.splice(0)]);
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = false)));
  const summary = page.locator("summary").first();
  if (await summary.count()) {
    await summary.focus();
    await page.keyboard.press("Enter");
    if (!(await page.evaluate(() => document.querySelector("details").open))) wrong.push("ENTER does not open it");
  }
  results.push([`${name}: folded parts open by the keyboard`, wrong]);
  return results;
}

async function paper(browser, name, path) {
  const { page, heard, close } = await open(browser, path, { viewport: { width: 700, height: 1000 }, colorScheme: "dark" });
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = false)));
  await page.emulateMedia({ media: "print" });
  const wrong = await page.evaluate(() => {
    const wrong = [];
    const light = (c) => c.match(/\d+/g).slice(0, 3).every((n) => n > 230);
    for (const e of document.querySelectorAll("html, section")) if (!light(getComputedStyle(e).backgroundColor)) wrong.push(`${e.localName} is dark: ${getComputedStyle(e).backgroundColor}`);
    for (const e of document.querySelectorAll("nav, .skip")) if (e.checkVisibility()) wrong.push(`${e.localName} is printed`);
    for (const e of document.querySelectorAll("details")) if (e.lastElementChild.getBoundingClientRect().height === 0) wrong.push(`folded away: ${e.textContent.slice(0, 60)}`);
    return wrong;
  });
  wrong.push(...heard, ...(await page.evaluate(sticksOut)));
  const results = [[`${name}, paper: light, whole, without what only a screen has a use for`, wrong]];
  if (!(await page.evaluate(isLarge))) {
    const pdf = await page.pdf({ format: "A4" });
    const sheets = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;
    results.push([`${name}, paper: it can be printed`, sheets > 0 && pdf.length > 5000 ? [] : [`${sheets} sheets, ${pdf.length} bytes`]]);
  }
  await close();
  return results;
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-dev-shm-usage", "--disable-gpu"] });
for (const argument of pages) {
  const [name, path] = [argument.slice(0, argument.indexOf("=")), argument.slice(argument.indexOf("=") + 1)];
  const looks = [desk(browser, name, path), telephone(browser, name, path)];
  for (const look of [...looks, paper(browser, name, path)]) tell(await look);
}
await browser.close();
console.log(`1..${count}`);
process.exitCode = failed;
