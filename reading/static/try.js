"use strict";
// Sends an example to both apps, from this origin to theirs, and compares what the page may see of
// the answers. Where no app answers, what was recorded stays.

const SERVERS = [["flask", "Flask"], ["fastapi", "FastAPI"]];
const FORBIDDEN = /^(cookie|origin|host|content-length|connection|accept-encoding|date|sec-|proxy-)/i;
const VOLATILE = ["date", "server", "server-timing", "x-request-id", "x-served-by"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const LONGEST = 4000;
const CREDENTIAL_PATHS = document.getElementById("try-it").dataset.credentials.split(" ");

// make serve says where the apps are; a site that is published elsewhere has none.
async function servers() {
  const answer = await fetch(`${document.documentElement.dataset.up}servers.json`, { cache: "no-store" });
  const ports = await answer.json();
  return SERVERS.filter(([name]) => ports[name]).map(([name, title]) => ({
    name, title, url: `http://${location.hostname}:${ports[name]}`,
  }));
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const element = (tag, text = "", kind = "") =>
  Object.assign(document.createElement(tag), { textContent: text, className: kind });

function put(text, values) {
  return Object.entries(values).reduce((all, [name, value]) => all.replaceAll(`{${name}}`, value), text);
}

function bodyOf(request, values) {
  if (!request.parts || !request.parts.length) return request.body ? put(request.body, values) : undefined;
  const form = new FormData();
  for (const part of request.parts) {
    if (part.file) form.append(part.name, part.file, part.filename);
    else if (part.filename) form.append(part.name, new Blob([put(part.value, values)], { type: part.type }), part.filename);
    else form.append(part.name, put(part.value, values));
  }
  return form;
}

async function send(url, request, values) {
  const headers = Object.entries(request.headers || {}).map(([name, value]) => [name, put(value, values)]);
  const began = performance.now();
  const response = await fetch(url + put(request.path, values), {
    method: request.method,
    headers,
    body: bodyOf(request, values),
    credentials: request.credentials ? "include" : "omit",
    cache: "no-store",
  });
  const body = await response.text();
  return { response, body, took: performance.now() - began };
}

// All that goes before, then the example. One app after the other: on one host they share cookies.
async function run(server, specification, request, unique) {
  const values = { unique };
  for (const step of specification.before) {
    const { body } = await send(server.url, step, values);
    if (!step.take) continue;
    const answered = JSON.parse(body);
    for (const name of step.take) values[name] = String(answered[name]);
  }
  const { response, body, took } = await send(server.url, request, values);
  const headers = [...response.headers].map(([name, value]) => [name, inOrder(name, value)]);
  return { status: response.status, redirected: response.redirected, headers, body, took };
}

// The order of the methods in Allow says nothing.
const inOrder = (name, value) => (name === "allow" ? value.split(", ").sort().join(", ") : value);

function masked(body, volatile) {
  return volatile.reduce((text, name) => {
    const member = new RegExp(`("${escaped(name)}":)("(?:[^"\\\\]|\\\\.)*"|[^,}\\]]+)`, "g");
    const field = new RegExp(`(name="${escaped(name)}" value=")[^"]*`, "g");
    return text.replace(member, '$1"…"').replace(field, "$1…");
  }, body);
}

// JSON is laid out to be read, but compared as it was sent.
function layOut(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

// The lines of an answer; `counted` is what the comparison sees of one, null if nothing.
function linesOf(answer, volatile) {
  const mask = masked(answer.body, volatile);
  const lines = [{ text: `${answer.status}`, counted: `status ${answer.status}` }];
  for (const [name, value] of answer.headers) {
    const named = volatile.includes(name) || (name === "content-length" && mask !== answer.body);
    lines.push({ text: `${name}: ${value}`, counted: named ? null : `${name}: ${value}` });
  }
  lines.push({ text: "", counted: null });
  if (!answer.body) return lines.slice(0, -1);
  const shown = layOut(answer.body.slice(0, LONGEST)).split("\n");
  const compared = layOut(mask.slice(0, LONGEST)).split("\n");
  shown.forEach((text, index) => {
    const same = compared.length === shown.length && compared[index] === text;
    lines.push({ text, counted: compared[index] ?? text, named: !same });
  });
  return lines;
}

function answerView(title, answer, lines, other) {
  const seen = new Set(other.map((line) => line.counted));
  const view = element("div");
  view.append(element("h4", `${title} · ${answer.took.toFixed(0)} ms`));
  const pre = element("pre");
  pre.tabIndex = 0;
  for (const { text, counted, named } of lines) {
    const differs = counted !== null && !seen.has(counted);
    pre.append(element("span", text, differs ? "differs" : counted === null || named ? "named" : ""), differs ? "" : "\n");
  }
  view.append(pre);
  return view;
}

function whatDiffers(one, other, volatile) {
  const found = [];
  if (one.status !== other.status) found.push("the status");
  const [ours, theirs] = [one, other].map((answer) => new Map(answer.headers));
  const body = (answer) => masked(answer.body, volatile);
  const alike = body(one) === body(other);
  for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
    const length = name === "content-length" && alike && one.body !== other.body;
    if (!volatile.includes(name) && !length && ours.get(name) !== theirs.get(name)) found.push(`the header ${name}`);
  }
  if (!alike) found.push("the body");
  return found;
}

function notes(specification, answers) {
  const seen = new Set(answers.flatMap((answer) => answer.headers.map(([name]) => name)));
  const named = specification.volatile.filter((name) =>
    seen.has(name) || answers.some((answer) => answer.body.includes(`"${name}"`)));
  const texts = [];
  if (named.length) texts.push(`Not counted, because no two answers have it in common: ${named.join(", ")}.`);
  for (const cookie of specification.cookies) texts.push(`Out of a script's sight, as recorded: Set-Cookie: ${cookie}`);
  if (answers.some((answer) => answer.redirected)) texts.push("The browser followed a redirect: this is the answer at its end.");
  return texts.map((text) => element("p", text, "note"));
}

function badge(kind, word, text) {
  const line = element("p", "", "badge");
  line.append(element("b", word, kind), ` ${text}`);
  return line;
}

function read(form, request) {
  const value = (name) => (form.elements[name] ? form.elements[name].value : "");
  const headers = value("headers").split("\n").map((line) => line.match(/^([^:\s]+)\s*:\s*(.*)$/)).filter(Boolean);
  const parts = [...form.querySelectorAll(".part")].map((part) => {
    const field = (name) => part.querySelector(`[name=${name}]`);
    const file = field("file") && field("file").files[0];
    const filename = field("filename") ? field("filename").value : "";
    return { name: part.dataset.name, type: part.dataset.type, value: field("value").value, filename: file ? file.name : filename, file };
  });
  const path = value("path");
  const plain = path.split("?")[0];
  const credentials = CREDENTIAL_PATHS.some((allowed) => `${plain}/`.startsWith(`${allowed}/`));
  const method = value("method");
  const body = ["GET", "HEAD"].includes(method) ? "" : value("body");
  return { ...request, method, path, headers: Object.fromEntries(headers.map(([, name, text]) => [name, text])), body, parts: body === "" && ["GET", "HEAD"].includes(method) ? [] : parts, credentials };
}

function showRecorded(answers, recorded, word, text) {
  answers.replaceChildren(badge("failed", word, text), ...recorded);
}

async function submit(form, answers, recorded, specification) {
  const request = read(form, specification.request);
  const forbidden = Object.keys(request.headers).filter((name) => FORBIDDEN.test(name));
  const unique = `u${Math.random().toString(16).slice(2, 10)}`;
  const found = [];
  let asked = null;
  try {
    const all = await servers();
    if (all.length < 2) throw new TypeError("no servers");
    for (const server of all) {
      asked = server;
      found.push(await run(server, specification, request, unique));
    }
    const lines = found.map((answer) => linesOf(answer, specification.volatile));
    const differing = whatDiffers(found[0], found[1], specification.volatile);
    const both = element("div", "", "both");
    all.forEach((server, index) => both.append(answerView(server.title, found[index], lines[index], lines[1 - index])));
    const verdict = differing.length
      ? badge("differs", "Differs", `${differing.join(", ")}.`)
      : badge("same", "Same", "status, headers that a script may see, and body.");
    answers.replaceChildren(verdict, both, ...notes(specification, found));
    if (forbidden.length) answers.append(element("p", `The browser left out what a script may not set: ${forbidden.join(", ")}.`, "note"));
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    const who = asked ? `${asked.title} at ${asked.url} did not answer this page, or not as this example needs` : "No app is running beside this page; make serve starts both";
    showRecorded(answers, recorded, "Recorded", `${who}. Below is what was recorded when the site was built.`);
  }
}

for (const trial of document.querySelectorAll(".trial:not([data-recorded])")) {
  const form = trial.querySelector("form");
  const answers = trial.querySelector(".answers");
  const specification = JSON.parse(trial.querySelector("script").textContent);
  specification.volatile.push(...VOLATILE);
  const recorded = [...answers.children].slice(1);
  const button = form.querySelector("button");
  const method = form.elements.method;
  METHODS.filter((name) => name !== method.value).forEach((name) => method.append(element("option", name)));
  for (const hidden of form.querySelectorAll("[hidden]")) hidden.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    answers.setAttribute("aria-busy", "true");
    try {
      await submit(form, answers, recorded, specification);
    } finally {
      button.disabled = false;
      answers.removeAttribute("aria-busy");
    }
  });
}
