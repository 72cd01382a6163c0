'use strict';

// Sorting: a button in each heading. What has no value comes last, either way.
function sortBy(heading) {
  const up = heading.getAttribute('aria-sort') !== 'ascending';
  for (const other of heading.parentElement.children) other.setAttribute('aria-sort', 'none');
  heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
  const column = heading.cellIndex;
  const body = heading.closest('table').tBodies[0];
  const rows = Array.from(body.rows, (row) => {
    const cell = row.cells[column];
    const number = 'value' in cell.dataset;
    const text = number ? cell.dataset.value : cell.textContent.trim();
    return { row, missing: text === '', value: number ? Number(text) : text };
  });
  const words = new Intl.Collator('en', { numeric: true });
  rows.sort((a, b) => {
    if (a.missing || b.missing) return a.missing - b.missing;
    const order = typeof a.value === 'number' ? a.value - b.value : words.compare(a.value, b.value);
    return up ? order : -order;
  });
  body.append(...rows.map((each) => each.row));
}

for (const button of document.querySelectorAll('table.parts th button')) {
  button.addEventListener('click', () => sortBy(button.parentElement));
}

// A file that is folded opens when a link leads to it; also one that was followed before, and changes no address.
function openTarget(hash) {
  const target = hash && document.getElementById(hash.slice(1));
  if (target && target.tagName === 'DETAILS') {
    target.open = true;
    target.scrollIntoView();
  }
}
window.addEventListener('hashchange', () => openTarget(location.hash));
for (const link of document.querySelectorAll('td.file a')) {
  link.addEventListener('click', () => openTarget(link.hash));
}
openTarget(location.hash);

// Playing: one plain tone a note, given to Web Audio a little ahead of time.
const AHEAD = 0.5; // seconds
const LOOK = 100; // milliseconds from one look at the clock to the next
const tunes = document.getElementById('tunes');
const tempo = document.getElementById('tempo');
let playing = null;
let parsed = null;

// The notes of some parts as [onset, length, pitch] in ticks, by onset.
function notesOf(keys) {
  parsed = parsed || JSON.parse(tunes.textContent);
  const notes = [];
  for (const key of keys) {
    const tune = parsed[key];
    let onset = 0;
    for (let i = 0; i < tune.length; i += 3) {
      onset += tune[i];
      notes.push([onset, tune[i + 1], tune[i + 2]]);
    }
  }
  return notes.sort((a, b) => a[0] - b[0]);
}

function ticksPerSecond() {
  const beats = Math.min(400, Math.max(20, Number(tempo.value) || 120));
  return (beats / 60) * Number(tunes.dataset.ticks);
}

function sound(context, out, pitch, begin, end) {
  const tone = context.createOscillator();
  const loud = context.createGain();
  tone.type = 'triangle';
  tone.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
  loud.gain.setValueAtTime(0, begin);
  loud.gain.linearRampToValueAtTime(0.25, begin + 0.01);
  loud.gain.setTargetAtTime(0.1, begin + 0.01, 0.4);
  loud.gain.setTargetAtTime(0, Math.max(end, begin + 0.03), 0.04);
  tone.connect(loud).connect(out);
  tone.start(begin);
  tone.stop(Math.max(end, begin + 0.03) + 0.3);
  tone.onended = () => loud.disconnect();
}

function stop() {
  if (!playing) return;
  clearInterval(playing.timer);
  playing.context.close();
  playing.button.setAttribute('aria-pressed', 'false');
  for (const head of playing.heads) head.setAttribute('x', '-1%');
  playing = null;
}

function look() {
  const { context, out, notes } = playing;
  const now = context.currentTime;
  const speed = ticksPerSecond();
  if (speed !== playing.speed) { // from here on at another speed
    playing.tick += (now - playing.time) * playing.speed;
    playing.time = now;
    playing.speed = speed;
  }
  const timeOf = (tick) => playing.time + (tick - playing.tick) / speed;
  while (playing.next < notes.length && timeOf(notes[playing.next][0]) < now + AHEAD) {
    const [onset, length, pitch] = notes[playing.next];
    const begin = Math.max(now, timeOf(onset));
    sound(context, out, pitch, begin, begin + length / speed);
    playing.end = Math.max(playing.end, onset + length);
    playing.next += 1;
  }
  const tick = playing.tick + (now - playing.time) * speed;
  for (const head of playing.heads) head.setAttribute('x', `${Math.max(0, 100 * tick / playing.whole).toFixed(2)}%`);
  if (playing.next === notes.length && tick > playing.end) stop();
}

function play(button) {
  const context = new AudioContext();
  const out = context.createDynamicsCompressor();
  out.connect(context.destination);
  const notes = notesOf(button.dataset.keys.split(' '));
  const file = button.closest('details.file');
  const strips = button.closest('.strip') || file;
  const speed = ticksPerSecond();
  playing = {
    button, context, out, notes, speed,
    heads: strips.querySelectorAll('.head'),
    whole: Number(file.dataset.quarters) * Number(tunes.dataset.ticks),
    next: 0, end: 0, tick: notes[0][0], time: context.currentTime + 0.1,
  };
  button.setAttribute('aria-pressed', 'true');
  playing.timer = setInterval(look, LOOK);
  look();
}

for (const button of document.querySelectorAll('button.play')) {
  button.addEventListener('click', () => {
    const again = playing && playing.button === button;
    stop();
    if (!again) play(button);
  });
}

// Dropping files, where the page takes them.
const drop = document.getElementById('drop');
if (drop) {
  const files = document.getElementById('files');
  const said = document.getElementById('said');
  drop.addEventListener('submit', (event) => {
    const bytes = Array.from(files.files).reduce((sum, file) => sum + file.size, 0);
    if (bytes > Number(drop.dataset.mostBytes) || files.files.length > Number(drop.dataset.mostFiles)) {
      event.preventDefault();
      said.textContent = 'That is more than can be read at a time.';
      return;
    }
    said.textContent = `Reading ${files.files.length === 1 ? 'the file' : `${files.files.length} files`} \u2026`;
    drop.querySelector('button').disabled = true;
  });
  for (const kind of ['dragenter', 'dragover']) {
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  }
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) drop.classList.remove('over');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    if (!event.dataTransfer.files.length) return;
    files.files = event.dataTransfer.files;
    drop.requestSubmit();
  });
  // A page that the browser kept, and shows again, can be used again.
  window.addEventListener('pageshow', () => {
    drop.querySelector('button').disabled = false;
  });
}
