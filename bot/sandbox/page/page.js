// The sandbox's page: follows every room and types as one of its people.
//
// Whatever people typed reaches the document through textContent alone.

const token = document.querySelector("meta[name=sandbox-token]").content;
const rooms = new Map(); // key → { room, section, lines, log, who, … }
let run = "";
let shortcuts = {}; // a command's name → what it is called in a message's menu
const shown = new Map(); // "room message" → { element, line }

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const STATES = {
  waiting: "waiting",
  sending: "being sent",
  delivered: "landed",
  unknown: "outcome unknown, being looked up",
  dead: "refused",
};

const EMOJI = [
  ["👍", "thumbs up"],
  ["✅", "check mark"],
  ["👀", "eyes"],
  ["🎉", "party"],
  ["🙏", "folded hands"],
  ["❤️", "heart"],
];

const LARGEST_FILE = 1_000_000; // bytes, as the server takes

// ── rooms ──────────────────────────────────────────────────────────────────────────────────────

function addRoom(room) {
  const section = document.getElementById("room").content.cloneNode(true).firstElementChild;
  const part = (selector) => section.querySelector(selector);
  const id = (name) => `${room.key}-${name}`;
  const title = part("h2");
  title.id = id("title");
  title.tabIndex = -1;
  title.textContent = room.title;
  section.setAttribute("aria-labelledby", title.id);
  part(".room-head p").textContent = room.about;
  part(".log").setAttribute("aria-label", `Messages in ${room.title}`);
  document.getElementById("rooms").append(section);
  const place = {
    room,
    log: part(".log"),
    lines: part(".lines"),
    empty: part(".empty"),
    who: part(".who"),
    text: part(".text"),
    error: part(".error"),
    about: part(".about"),
    send: part("button[type=submit]"),
    file: part(".file"),
    target: null, // { line, edits } while one is answered or edited
  };
  rooms.set(room.key, place);
  bindForm(place, part, id);
  addWay(room, title.id);
}

function addWay(room, target) {
  const link = document.createElement("a");
  link.href = `#${target}`;
  link.textContent = room.short;
  document.getElementById("ways").append(link);
}

function bindForm(place, part, id) {
  const { room, who, text, error } = place;
  who.id = id("who");
  text.id = id("text");
  error.id = id("error");
  part(".hint").id = id("hint");
  part(".about-words").id = id("about");
  part(".who-label").htmlFor = who.id;
  part(".text-label").htmlFor = text.id;
  part(".text-label").textContent = `Message in ${room.short}`;
  part(".hint").textContent = `Enter sends, Shift+Enter starts a new line. ${room.hint}`;
  text.setAttribute("aria-describedby", `${error.id} ${id("about")} ${id("hint")}`);
  part(".attach").setAttribute("aria-label", `Share a file in ${room.short}`);
  place.file.setAttribute("aria-label", `File for ${room.short}`);
  const mixed = new Set(room.people.map((person) => person.team)).size > 1;
  for (const person of room.people) {
    who.append(new Option(mixed ? `${person.name} (${person.team})` : person.name, person.key));
  }
  who.addEventListener("change", () => {
    showPrivates(room.key);
    if (place.target?.edits) turnTo(place, null); // another person's words are not theirs to edit
    closeActs();
    showSheets();
  });
  text.addEventListener("input", () => complain(place, ""));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && place.target) turnTo(place, null);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    part(".say").requestSubmit();
  });
  part(".about-end").addEventListener("click", () => {
    turnTo(place, null);
    text.focus();
  });
  part(".attach").addEventListener("click", () => place.file.click());
  place.file.addEventListener("change", () => share(place));
  part(".say").addEventListener("submit", (event) => {
    event.preventDefault();
    say(place);
  });
  turnTo(place, null);
}

// ── typing ─────────────────────────────────────────────────────────────────────────────────────

// What the box is for: a new message (null), an answer, or the new words of an old message.
function turnTo(place, target) {
  const { about, text, send, room } = place;
  if (place.target?.edits && text.value) text.value = "";
  place.target = target;
  about.hidden = !target;
  about.querySelector(".about-what").textContent =
    target ? (target.edits ? "Editing" : "In reply to") : "";
  about.querySelector("bdi").textContent = target ? inShort(target.line) : "";
  if (target?.edits) text.value = target.line.text;
  send.textContent = target?.edits ? "Save" : "Send";
  send.setAttribute("aria-label", `${send.textContent} in ${room.short}`);
  complain(place, "");
}

async function say(place) {
  const { text, who, target } = place;
  const typed = text.value;
  if (!typed.trim()) {
    complain(place, "Write something first.");
    text.focus();
    return;
  }
  text.value = ""; // at once, so that the next line can be typed; given back if it fails
  turnTo(place, null);
  const fault = await post(who.value, deedOf(typed, target));
  if (fault) {
    const since = text.value;
    if (target) turnTo(place, target);
    text.value = since ? `${typed}\n${since}` : typed;
  }
  complain(place, fault);
}

function deedOf(text, target) {
  if (target?.edits) return { type: "edit", message: target.line.message, text };
  return { type: "say", text, answers: target ? rootOf(target.line) : null };
}

// A thread has one root: an answer to an answer stands in the same thread.
function rootOf(line) {
  return line.answers ?? line.message;
}

async function share(place) {
  const [file] = place.file.files;
  place.file.value = "";
  if (!file) return;
  if (file.size > LARGEST_FILE) {
    complain(place, "The file is larger than 1 MB.");
    return;
  }
  tell(`Sharing ${file.name} …`);
  const content = await inBase64(file);
  const mimetype = file.type || "application/octet-stream";
  const fault = await post(place.who.value, { type: "share", name: file.name, content, mimetype });
  complain(place, fault);
  tell(fault ? "" : `Shared ${file.name}.`);
}

function inBase64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.split(",", 2)[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

async function post(person, deed) {
  try {
    const answer = await fetch("/do", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Sandbox-Token": token },
      body: JSON.stringify({ person, deed }),
    });
    if (answer.ok) return "";
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      return (await answer.json()).error;
    }
    return await answer.text();
  } catch {
    return "The sandbox does not answer: is it still running?";
  }
}

function complain({ text, error }, words) {
  error.hidden = !words;
  error.textContent = words ? `Not sent. ${words}` : "";
  if (words) {
    text.setAttribute("aria-invalid", "true");
    error.setAttribute("role", "alert");
  } else {
    text.removeAttribute("aria-invalid");
    error.removeAttribute("role");
  }
}

// ── what can be done to a message ──────────────────────────────────────────────────────────────

let open = null; // { key, button, panel } of the one message whose acts are shown

function bindActs(element, key) {
  const button = element.querySelector(".more");
  button.addEventListener("click", () => {
    if (open?.key === key) closeActs();
    else openActs(element, button, key);
  });
}

function openActs(element, button, key) {
  closeActs();
  const panel = document.getElementById("acts").content.cloneNode(true).firstElementChild;
  const part = (selector) => panel.querySelector(selector);
  const { line } = shown.get(key);
  const place = rooms.get(line.room);
  panel.setAttribute("aria-label", `Message of ${line.author}`);
  for (const [emoji, name] of EMOJI) part(".emoji").append(emojiButton(key, place, emoji, name));
  part(".act-reply").addEventListener("click", () => compose(place, key, false));
  part(".act-edit").addEventListener("click", () => compose(place, key, true));
  part(".act-back").addEventListener("click", () => {
    button.focus();
    closeActs();
    act(place, { type: "take back", message: line.message });
  });
  addShortcuts(part(".shortcuts"), place, key, button);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    button.focus();
    closeActs();
  });
  element.querySelector(".way").before(panel);
  button.setAttribute("aria-expanded", "true");
  open = { key, button, panel };
  showActs();
  panel.scrollIntoView({ block: "nearest" });
}

// What the bot has put into the menu of a message, where the network has such menus.
function addShortcuts(group, place, key, opener) {
  group.hidden = !place.room.menu;
  for (const [shortcut, name] of place.room.menu ? Object.entries(shortcuts) : []) {
    group.append(plainButton(name, () => {
      const { line } = shown.get(key);
      opener.focus();
      closeActs();
      act(place, { type: "choose", message: line.message, shortcut });
    }));
  }
}

function plainButton(words, pressed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = words;
  button.addEventListener("click", pressed);
  return button;
}

function emojiButton(key, place, emoji, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = emoji;
  button.dataset.emoji = emoji;
  button.setAttribute("aria-label", name);
  button.addEventListener("click", () => {
    const { line } = shown.get(key);
    const type = hasReacted(line, emoji, speaker(place)) ? "unreact" : "react";
    act(place, { type, message: line.message, emoji });
  });
  return button;
}

// What the one who speaks may do, as the message is now.
function showActs() {
  if (!open) return;
  const { line } = shown.get(open.key);
  const place = rooms.get(line.room);
  if (!canBeActedOn(line)) {
    closeActs();
    return;
  }
  const own = !line.by_bot && line.author === speaker(place);
  open.panel.querySelector(".act-edit").hidden = !own || !line.text;
  open.panel.querySelector(".act-back").hidden = !own;
  for (const button of open.panel.querySelectorAll(".emoji button")) {
    const pressed = hasReacted(line, button.dataset.emoji, speaker(place));
    button.setAttribute("aria-pressed", String(pressed));
  }
}

function closeActs() {
  if (!open) return;
  open.button.setAttribute("aria-expanded", "false");
  open.panel.remove();
  open = null;
}

function compose(place, key, edits) {
  closeActs();
  turnTo(place, { line: shown.get(key).line, edits });
  place.text.focus();
}

async function act(place, deed) {
  complain(place, await post(place.who.value, deed));
}

function canBeActedOn(line) {
  return !line.only_for && !line.taken_back;
}

function hasReacted(line, emoji, name) {
  return line.reactions.some((each) => each.emoji === emoji && each.people.includes(name));
}

function speaker({ room, who }) {
  return room.people.find((person) => person.key === who.value)?.name;
}

// ── lines ──────────────────────────────────────────────────────────────────────────────────────

function showLine(line) {
  const key = `${line.room} ${line.message}`;
  const known = shown.get(key);
  if (known) {
    if (showWay(known.element, line) && line.copies.some(isRefused)) {
      tell(`A message of ${line.author} was refused: ${wayInWords(line)}.`);
    }
    tellOfChange(known.line, line);
    known.line = line;
    showWords(known.element, line);
    showElsewhere(line);
    showActs();
    return;
  }
  const place = rooms.get(line.room);
  if (!place) return;
  const element = makeLine(line);
  const atEnd = isAtEnd(place.log);
  // A copy is the same line again: read aloud once, where it was said, not once a room.
  if (line.by_bot && !line.only_for) element.setAttribute("aria-live", "off");
  element.hidden = isHidden(line);
  place.lines.append(element);
  shown.set(key, { element, line });
  bindActs(element, key);
  place.empty.hidden = true;
  if (atEnd) place.log.scrollTop = place.log.scrollHeight;
}

// What has changed is quoted by its answers, and its original says where it was taken back.
function showElsewhere(line) {
  for (const { element, line: other } of shown.values()) {
    if (other.room === line.room && other.answers === line.message) showAnswered(element, other);
    if (other.taken_back && other.copies.some((copy) => lineOf(copy) === line)) showWay(element, other);
  }
}

function lineOf(copy) {
  return shown.get(`${copy.room} ${copy.message}`)?.line;
}

function makeLine(line) {
  const element = document.getElementById("line").content.cloneNode(true).firstElementChild;
  const part = (selector) => element.querySelector(selector);
  part(".author").textContent = line.author;
  showWords(element, line);
  const said = new Date(line.said);
  const time = part("time");
  time.dateTime = line.said;
  time.textContent = clock.format(said);
  time.title = `${said.toISOString().replace("T", " ").slice(0, 19)} UTC`;
  element.classList.toggle("relayed", line.by_bot);
  element.classList.toggle("private", Boolean(line.only_for));
  part(".only").hidden = !line.only_for;
  showWay(element, line);
  return element;
}

// What the message says now: its text, files and reactions, and what became of it.
function showWords(element, line) {
  const part = (selector) => element.querySelector(selector);
  const words = part(".words");
  if (words.textContent !== line.text) words.textContent = line.text;
  words.hidden = !line.text;
  part(".more").hidden = !canBeActedOn(line);
  part(".more").setAttribute("aria-label", `React, reply and more: ${inShort(line)}`);
  const state = part(".state");
  state.textContent = line.taken_back ? "taken back" : line.edited ? "edited" : "";
  state.hidden = !state.textContent;
  showAnswered(element, line);
  fill(part(".files"), line.files.map((file) => [`File: ${file.name}`, sizeInWords(file.size)]));
  fill(part(".reactions"), line.reactions.map(({ emoji, people }) =>
    [`${emoji} ${people.length}`, people.join(", ")]));
  showControls(part(".controls"), line);
}

// Buttons, and on Matrix the bot's own reactions, to be joined.
function showControls(group, line) {
  const now = JSON.stringify(line.buttons);
  group.hidden = !line.buttons.length;
  if (group.dataset.shown === now) return;
  group.dataset.shown = now;
  const place = rooms.get(line.room);
  group.replaceChildren(...line.buttons.map(({ id, label, look }) => {
    const button = plainButton(id === label ? `Join ${label}` : label, () =>
      act(place, { type: "press", message: line.message, button: id }));
    button.classList.add(look);
    return button;
  }));
}

function showAnswered(element, line) {
  const answered = shown.get(`${line.room} ${line.answers}`)?.line;
  const answers = element.querySelector(".answers");
  answers.hidden = !line.answers;
  answers.querySelector("bdi").textContent = answered ? inShort(answered) : "a message that is not here";
}

function inShort(line) {
  const said = line.taken_back ? "taken back" : line.text || line.files.map((file) => file.name).join(", ");
  const first = [...said.split("\n", 1)[0]];
  return `${line.author}: ${first.length > 80 ? `${first.slice(0, 79).join("")}…` : first.join("")}`;
}

// A list of pairs, hidden where there is none; left alone where nothing has changed.
function fill(list, pairs) {
  list.hidden = !pairs.length;
  const now = JSON.stringify(pairs);
  if (list.dataset.shown === now) return;
  list.dataset.shown = now;
  list.replaceChildren(...pairs.map(([what, more]) => {
    const item = document.createElement("li");
    const name = document.createElement("bdi");
    const rest = document.createElement("bdi");
    name.textContent = what;
    rest.textContent = more;
    rest.className = "quiet";
    item.append(name, " ", rest);
    return item;
  }));
}

function sizeInWords(size) {
  if (size === null) return "size not known";
  if (size < 1000) return size === 1 ? "1 byte" : `${size} bytes`;
  const units = ["kB", "MB", "GB"];
  let number = size / 1000;
  let unit = 0;
  while (number >= 1000 && unit < units.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${number.toFixed(1)} ${units[unit]}`;
}

// A change is said once, where it was made, as a status: a log reads only what is added to it.
function tellOfChange(before, line) {
  if (line.by_bot || line.only_for) return;
  if (line.taken_back && !before.taken_back) tell(`${line.author} took a message back.`);
  else if (line.edited && line.text !== before.text) tell(`${line.author} edited: ${line.text}`);
}

// Where it came from and where it has landed; true where the words changed.
function showWay(element, line) {
  const part = (selector) => element.querySelector(selector);
  const words = wayInWords(line);
  const rows = facts(line);
  const way = part(".way");
  way.hidden = !words;
  const list = part("dl");
  if (JSON.stringify(rows) !== list.dataset.rows) {
    list.dataset.rows = JSON.stringify(rows);
    list.replaceChildren(...rows.map(factRow));
  }
  const summary = part("summary");
  way.classList.toggle("fault", line.copies.some(isRefused));
  if (summary.textContent === words) return false;
  summary.textContent = words;
  return true;
}

function wayInWords(line) {
  if (line.only_for) return "";
  if (line.by_bot) return rooms.has(line.origin) ? `From ${nameOf(line.origin)}` : "";
  if (!line.copies.length) {
    return line.seen ? "Stays in this room" : "Not yet taken up by Liaison";
  }
  // A long message or one with files has several copies in a room: it is named once.
  const at = (holds) => [...new Set(line.copies.filter(holds).map((copy) => nameOf(copy.room)))];
  const is = (...states) => (copy) => states.includes(copy.state);
  const isGone = (copy) => Boolean(lineOf(copy)?.taken_back);
  const parts = [
    ["in", at((copy) => copy.state === "delivered" && !isGone(copy))],
    ["taken back in", at((copy) => copy.state === "delivered" && isGone(copy))],
    ["waiting for", at(is("waiting", "sending"))],
    ["not known whether in", at(is("unknown"))],
    ["refused by", at(isRefused)],
  ];
  const words = parts
    .filter(([, places]) => places.length)
    .map(([verb, places]) => places.map((name) => `${verb} ${name}`).join(", "))
    .join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

// What was taken back before it was sent was not refused by anybody.
function isRefused(copy) {
  return copy.state === "dead" && copy.reason !== "taken back";
}

function nameOf(room) {
  return rooms.get(room)?.room.short ?? room;
}

function facts(line) {
  const rows = [["Message", line.message]];
  if (line.arrival) rows.push(["Arrived by delivery", line.arrival]);
  for (const copy of line.copies) {
    const reason = copy.reason ? ` (${copy.reason})` : "";
    rows.push([`To ${nameOf(copy.room)}`, `${STATES[copy.state] ?? copy.state}${reason}`]);
    rows.push(["Delivery", copy.delivery]);
  }
  return rows;
}

function factRow([name, value]) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const detail = document.createElement("dd");
  term.textContent = name;
  detail.textContent = value;
  row.append(term, detail);
  return row;
}

function isHidden(line) {
  return Boolean(line.only_for) && rooms.get(line.room).who.value !== line.only_for;
}

function showPrivates(key) {
  for (const { element, line } of shown.values()) {
    if (line.room === key && line.only_for) element.hidden = isHidden(line);
  }
}

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 48;
}

// ── forms ──────────────────────────────────────────────────────────────────────────────────────

const sheets = new Map(); // person → { sheet, dialog } of the form that stands open

function showSheet(sheet) {
  const known = sheets.get(sheet.person);
  if (known?.sheet.form === sheet.form) {
    known.sheet = sheet;
    showMistakes(known.dialog, sheet);
    return;
  }
  closeSheet(sheet.person);
  const dialog = document.getElementById("sheet").content.cloneNode(true).firstElementChild;
  const part = (selector) => dialog.querySelector(selector);
  const title = part("h2");
  title.id = `sheet-${sheet.form}`;
  title.textContent = sheet.title;
  dialog.setAttribute("aria-labelledby", title.id);
  part(".inputs").append(...sheet.inputs.map((input) => makeInput(sheet.form, input)));
  part("button[type=submit]").textContent = sheet.send;
  part("form").addEventListener("submit", (event) => {
    event.preventDefault();
    sendSheet(dialog, sheet.person);
  });
  const cancel = () => post(sheet.person, { type: "close", form: sheet.form });
  part(".cancel").addEventListener("click", cancel);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    cancel();
  });
  document.body.append(dialog);
  sheets.set(sheet.person, { sheet, dialog });
  showMistakes(dialog, sheet);
  showSheets();
}

function makeInput(form, { name, label, kind, required, choices }) {
  const field = document.createElement("div");
  field.className = "field";
  field.dataset.input = name;
  const shownLabel = document.createElement("label");
  const wrong = document.createElement("p");
  const made = { line: "input", text: "textarea", choice: "select", switch: "input" }[kind];
  const input = document.createElement(made);
  input.id = `${form}-${name}`;
  input.name = name;
  if (kind === "switch") input.type = "checkbox";
  if (kind === "line") input.type = "text";
  if (kind === "choice") {
    input.append(new Option("", ""), ...choices.map(([value, words]) => new Option(words, value)));
  }
  shownLabel.htmlFor = input.id;
  shownLabel.textContent = required || kind === "switch" ? label : `${label} (optional)`;
  wrong.className = "error";
  wrong.id = `${input.id}-error`;
  wrong.hidden = true;
  input.setAttribute("aria-describedby", wrong.id);
  if (required) input.setAttribute("aria-required", "true");
  field.append(shownLabel, input, wrong);
  return field;
}

async function sendSheet(dialog, person) {
  const { sheet } = sheets.get(person);
  const values = {};
  for (const { name, kind, choices } of sheet.inputs) {
    const input = dialog.querySelector(`[data-input="${name}"]`).querySelector("[name]");
    const value = kind === "switch" ? (input.checked ? choices[0][0] : "") : input.value;
    if (value) values[name] = value;
  }
  const fault = await post(person, { type: "fill", form: sheet.form, values });
  const error = dialog.querySelector("form > .error");
  error.hidden = !fault;
  error.textContent = fault;
}

function showMistakes(dialog, { errors }) {
  let first = null;
  for (const field of dialog.querySelectorAll("[data-input]")) {
    const words = errors[field.dataset.input] ?? "";
    const input = field.querySelector("[name]");
    const wrong = field.querySelector(".error");
    wrong.textContent = words;
    wrong.hidden = !words;
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    first ??= words ? input : null;
  }
  first?.focus();
}

function closeSheet(person) {
  const known = sheets.get(person);
  sheets.delete(person);
  if (known) known.dialog.close();
  known?.dialog.remove();
}

// A form is shown to the one who speaks, as private answers are.
function showSheets() {
  const speaking = new Set([...rooms.values()].map((place) => place.who.value));
  for (const [person, { dialog }] of sheets) {
    if (!speaking.has(person)) dialog.close();
    else if (!dialog.open) dialog.showModal();
  }
}

// ── what is heard ──────────────────────────────────────────────────────────────────────────────

function tell(words) {
  document.getElementById("status").textContent = words;
}

function showTrouble(words) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = words;
  trouble.hidden = !words;
}

function start(world) {
  if (run && run !== world.run) location.reload(); // another sandbox took its place
  run = world.run;
  document.getElementById("title").textContent = world.title;
  shortcuts = world.shortcuts;
  for (const room of world.rooms) if (!rooms.has(room.key)) addRoom(room);
  const logs = [...rooms.values()].map((place) => place.log);
  for (const log of logs) log.setAttribute("aria-live", "off"); // the past is not read aloud
  for (const line of world.lines) showLine(line);
  for (const person of [...sheets.keys()]) closeSheet(person);
  for (const sheet of world.sheets) showSheet(sheet);
  showTrouble(world.trouble);
  tell("Live");
  setTimeout(() => {
    for (const log of logs) {
      log.scrollTop = log.scrollHeight;
      log.setAttribute("aria-live", "polite");
    }
    document.body.dataset.live = "yes";
  }, 100);
}

const events = new EventSource("/events");
const on = (name, act) => events.addEventListener(name, (event) => act(JSON.parse(event.data)));
on("start", start);
on("line", showLine);
on("sheet", showSheet);
on("closed", ({ person }) => closeSheet(person));
on("trouble", ({ trouble }) => showTrouble(trouble));
events.addEventListener("error", () => tell("The sandbox does not answer; trying again …"));
