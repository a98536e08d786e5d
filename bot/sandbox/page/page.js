// The sandbox's page: follows every room and types as one of its people.
//
// Whatever people typed reaches the document through textContent alone.

const token = document.querySelector("meta[name=sandbox-token]").content;
const rooms = new Map(); // key → { room, section, lines, log, who, … }
let run = "";
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
  bindForm(room, part, id);
  document.getElementById("rooms").append(section);
  rooms.set(room.key, {
    room,
    log: part(".log"),
    lines: part(".lines"),
    empty: part(".empty"),
    who: part(".who"),
  });
  addWay(room, title.id);
}

function addWay(room, target) {
  const link = document.createElement("a");
  link.href = `#${target}`;
  link.textContent = room.short;
  document.getElementById("ways").append(link);
}

function bindForm(room, part, id) {
  const [form, who, text, error] = [".say", ".who", ".text", ".error"].map(part);
  who.id = id("who");
  text.id = id("text");
  error.id = id("error");
  part(".hint").id = id("hint");
  part(".who-label").htmlFor = who.id;
  part(".text-label").htmlFor = text.id;
  part(".text-label").textContent = `Message in ${room.short}`;
  part(".hint").textContent = `Enter sends, Shift+Enter starts a new line. ${room.hint}`;
  text.setAttribute("aria-describedby", `${error.id} ${id("hint")}`);
  part("button").setAttribute("aria-label", `Send in ${room.short}`);
  const mixed = new Set(room.people.map((person) => person.team)).size > 1;
  for (const person of room.people) {
    who.append(new Option(mixed ? `${person.name} (${person.team})` : person.name, person.key));
  }
  who.addEventListener("change", () => showPrivates(room.key));
  text.addEventListener("input", () => complain(text, error, ""));
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(who.value, text, error);
  });
}

// ── typing ─────────────────────────────────────────────────────────────────────────────────────

async function say(person, text, error) {
  const typed = text.value;
  if (!typed.trim()) {
    complain(text, error, "Write something first.");
    text.focus();
    return;
  }
  text.value = ""; // at once, so that the next line can be typed; given back if it fails
  const fault = await post(person, typed);
  complain(text, error, fault);
  if (fault) text.value = text.value ? `${typed}\n${text.value}` : typed;
}

async function post(person, text) {
  try {
    const answer = await fetch("/say", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Sandbox-Token": token },
      body: JSON.stringify({ person, text }),
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

function complain(text, error, words) {
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
  const state = part(".state");
  state.textContent = line.taken_back ? "taken back" : line.edited ? "edited" : "";
  state.hidden = !state.textContent;
  showAnswered(element, line);
  fill(part(".files"), line.files.map((file) => [`File: ${file.name}`, sizeInWords(file.size)]));
  fill(part(".reactions"), line.reactions.map(({ emoji, people }) =>
    [`${emoji} ${people.length}`, people.join(", ")]));
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
  for (const room of world.rooms) if (!rooms.has(room.key)) addRoom(room);
  const logs = [...rooms.values()].map((place) => place.log);
  for (const log of logs) log.setAttribute("aria-live", "off"); // the past is not read aloud
  for (const line of world.lines) showLine(line);
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
on("trouble", ({ trouble }) => showTrouble(trouble));
events.addEventListener("error", () => tell("The sandbox does not answer; trying again …"));
