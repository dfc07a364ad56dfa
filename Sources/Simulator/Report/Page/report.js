'use strict';
(() => {
  const run = JSON.parse(document.getElementById('run').textContent);
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  // ---- Words ----

  const element = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  };
  const number = (value) => value.toLocaleString('en', { maximumFractionDigits: 2 });
  const bytes = (value) => {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
    const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return `${value.toFixed(digits)} ${units[unit]}`;
  };
  const span = (ms) => {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60000) return `${number(Math.round(ms / 10) / 100)} s`;
    const seconds = Math.floor(ms / 1000) % 60;
    const minutes = Math.floor(ms / 60000) % 60;
    const hours = Math.floor(ms / 3600000) % 24;
    const days = Math.floor(ms / 86400000);
    return [[days, 'd'], [hours, 'h'], [minutes, 'min'], [seconds, 's']]
      .filter(([count]) => count > 0).slice(0, 2).map(([count, unit]) => `${count} ${unit}`)
      .join(' ');
  };
  /// The same with one unit, for little room.
  const short = (ms) => {
    const units = [[86400000, 'd'], [3600000, 'h'], [60000, 'min'], [1000, 's'], [1, 'ms']];
    const [size, unit] = units.find(([one]) => ms >= one) || [1, 'ms'];
    const value = ms / size;
    return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${unit}`;
  };
  const two = (value) => String(value).padStart(2, '0');
  const clock = (ms, fine) => {
    const sign = ms < 0 ? '−' : '';
    const all = Math.abs(Math.round(ms));
    const hours = Math.floor(all / 3600000);
    const text = `${hours}:${two(Math.floor(all / 60000) % 60)}:${two(Math.floor(all / 1000) % 60)}`;
    return sign + text + (fine ? `.${String(all % 1000).padStart(3, '0')}` : '');
  };
  const nameOf = (device) => (device < 0 ? '' : run.devices[device].name);

  // ---- Head ----

  $('title').textContent = run.title || run.name;
  $('subtitle').textContent = `${run.name}, seed ${run.seed}, ${span(run.end)} of virtual time` +
    (run.healed < run.end ? `; faults end at ${clock(run.healed)}` : '');
  $('verdict').textContent = run.passed ? 'PASSED' : 'FAILED';
  $('verdict').className = run.passed ? 'good' : 'bad';
  $('command').textContent = run.command;
  const count = (kind) => run.marks.filter((mark) => mark.kind === kind).length;
  for (const [name, value] of [
    ['devices', number(run.devices.length)], ['connections', number(run.sessions)],
    ['bytes sent', bytes(run.bytes)], ['crashes', number(count('crash'))],
    ['conflicts', number(count('conflict'))], ['handovers of rights', number(run.handovers.length)],
    ['broken rules', number(run.violations.length)],
  ]) {
    const box = element('div');
    box.append(element('dt', name), element('dd', value));
    $('figures').append(box);
  }
  if (run.omissions.length > 0) {
    $('left-out').hidden = false;
    for (const one of run.omissions) {
      $('omissions').append(element('li', `${one.what}: ${number(one.shown)} of ${number(one.of)} are shown`));
    }
  }

  // ---- What is seen ----

  const view = { from: 0, to: Math.max(1, run.end), top: 0, rows: 1 };
  const whole = Math.max(1, run.end);
  const margin = { left: 110, right: 12, top: 8, bottom: 22 };
  let rows = [];
  let rowOf = new Map();
  let colors = {};
  let only = null;
  let pointer = null;
  const shown = {};
  const kinds = [
    ['transfers', 'syncs, wide for many bytes', 'sync', 'line'],
    ['links', run.kind === 'world' ? 'connections' : 'links cut or restored', 'cut', 'dots'],
    ['handovers', 'rights moving', 'rights', 'line'],
    ['operation', 'operations', 'operation', 'tick'],
    ['conflict', 'conflicts', 'conflict', 'diamond'],
    ['crash', 'crashes', 'crash', 'cross'],
    ['restart', 'restarts', 'restart', 'triangle'],
    ['fault', 'other faults', 'fault', 'square'],
    ['remark', 'remarks and cuts', 'soft', 'flag'],
    ['violation', 'broken rules', 'bad', 'ring'],
  ];
  const peers = () => {
    const set = new Set([only]);
    for (const list of [run.transfers, run.handovers]) {
      for (const one of list) {
        if (one.from === only) set.add(one.to);
        if (one.to === only) set.add(one.from);
      }
    }
    return set;
  };
  const chooseRows = () => {
    const words = $('filter').value.trim().toLowerCase();
    const set = only === null ? null : peers();
    rows = run.devices.map((_, device) => device).filter((device) =>
      (set === null || set.has(device)) && run.devices[device].name.toLowerCase().includes(words));
    if (set !== null) rows.sort((a, b) => (b === only) - (a === only) || a - b);
    rowOf = new Map(rows.map((device, row) => [device, row]));
    view.top = 0;
    view.rows = Math.max(1, rows.length);
  };
  const readColors = () => {
    const style = getComputedStyle(root);
    const names = ['paper', 'ink', 'soft', 'line', 'band', 'sync', 'spoiled', 'conflict', 'rights',
      'crash', 'restart', 'operation', 'refusal', 'fault', 'down', 'unreachable', 'paused',
      'trouble', 'gone', 'up', 'cut', 'bad', 'good', 'accent'];
    colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  };

  // ---- Canvas ----

  const prepare = (canvas) => {
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
    pen.textBaseline = 'middle';
    return { pen, width, height };
  };
  const fitMargin = (width) => {
    const pen = $('diagram').getContext('2d');
    pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
    const names = rows.slice(0, 200).map((device) => pen.measureText(nameOf(device)).width);
    margin.left = Math.min(Math.max(58, ...names.map((one) => one + 16)), Math.max(70, width * 0.22));
  };
  const xOf = (time, width) =>
    margin.left + (time - view.from) / (view.to - view.from) * (width - margin.left - margin.right);
  const timeAt = (x, width) =>
    view.from + (x - margin.left) / (width - margin.left - margin.right) * (view.to - view.from);
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000,
    120000, 300000, 600000, 900000, 1800000, 3600000, 7200000, 10800000, 21600000, 43200000,
    86400000, 172800000, 604800000, 2592000000];
  const axis = (pen, width, height, isNamed) => {
    const wanted = (view.to - view.from) / Math.max(2, (width - margin.left) / 95);
    const step = steps.find((one) => one >= wanted) || steps[steps.length - 1];
    pen.lineWidth = 1;
    pen.textAlign = 'center';
    for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
      const x = Math.round(xOf(at, width)) + 0.5;
      pen.strokeStyle = colors.line;
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, height - (isNamed ? margin.bottom - 4 : 0));
      pen.stroke();
      if (!isNamed || x > width - (step < 1000 ? 40 : 26) || x < margin.left + 12) continue;
      pen.fillStyle = colors.soft;
      pen.fillText(clock(at, step < 1000), x, height - margin.bottom / 2);
    }
    if (run.healed < run.end) {
      const x = xOf(run.healed, width);
      if (x > margin.left) {
        pen.strokeStyle = colors.good;
        pen.setLineDash([4, 4]);
        pen.beginPath();
        pen.moveTo(x, 0);
        pen.lineTo(x, height - (isNamed ? margin.bottom : 0));
        pen.stroke();
        pen.setLineDash([]);
      }
    }
    for (const one of run.violations) {
      const x = xOf(one.at, width);
      if (!shown.violation || x < margin.left || x > width) continue;
      pen.strokeStyle = colors.bad;
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, height - (isNamed ? margin.bottom : 0));
      pen.stroke();
    }
  };

  // ---- Diagram ----

  /// What the last frame drew, so that the pointer finds it: shapes with a distance to a point.
  let found = [];
  let drawn = {};
  const rowHeight = (height) => (height - margin.top - margin.bottom) / view.rows;
  const yOf = (device, height) => {
    const row = rowOf.get(device);
    return row === undefined ? undefined
      : margin.top + (row - view.top + 0.5) * rowHeight(height);
  };
  const widthOf = (amount) => Math.min(7, 0.7 + Math.max(0, Math.log10(Math.max(1, amount) / 60)) * 1.25);

  const drawRows = (pen, width, height) => {
    const tall = rowHeight(height);
    const every = Math.max(1, Math.ceil(13 / tall));
    pen.textAlign = 'right';
    rows.forEach((device, row) => {
      const y = margin.top + (row - view.top) * tall;
      if (y + tall < margin.top - 1 || y > height - margin.bottom) return;
      if (tall >= 6 && row % 2 === 1) {
        pen.fillStyle = colors.band;
        pen.fillRect(margin.left, y, width - margin.left, tall);
      }
      if (tall >= 4) {
        pen.strokeStyle = colors.line;
        pen.lineWidth = 1;
        pen.beginPath();
        pen.moveTo(margin.left, y + tall / 2);
        pen.lineTo(width - margin.right, y + tall / 2);
        pen.stroke();
      }
      if (row % every !== 0) return;
      const isBroken = run.violations.some((one) => one.device === device);
      pen.fillStyle = isBroken ? colors.bad : device === only ? colors.accent : colors.ink;
      let name = nameOf(device);
      while (name.length > 3 && pen.measureText(name).width > margin.left - 10) {
        name = `${name.slice(0, -2)}…`;
      }
      pen.fillText(name, margin.left - 7, Math.min(height - margin.bottom - 6, y + tall / 2));
    });
  };
  const drawSpans = (pen, width, height) => {
    const tall = rowHeight(height);
    const thick = Math.max(1, Math.min(18, tall * 0.55));
    for (const one of run.spans) {
      const y = yOf(one.device, height);
      if (y === undefined || one.to < view.from || one.from > view.to) continue;
      const x = Math.max(margin.left, xOf(one.from, width));
      const wide = Math.max(1.5, Math.min(width, xOf(one.to, width)) - x);
      pen.fillStyle = colors[one.kind];
      pen.fillRect(x, y - thick / 2, wide, thick);
      if (wide > 56 && thick > 11) {
        pen.fillStyle = one.kind === 'gone' ? '#ffffff' : colors.ink;
        pen.textAlign = 'left';
        pen.fillText(one.kind === 'unreachable' ? 'no signal' : one.kind, x + 5, y);
      }
      drawn.spans += 1;
      found.push({ box: [x, y - thick / 2, x + wide, y + thick / 2], rank: 0, text: () => [nameOf(one.device),
        `${one.kind === 'unreachable' ? 'no signal' : one.kind} for ${span(one.to - one.from)}`, one.from] });
    }
  };
  const drawLinks = (pen, width, height) => {
    if (!shown.links) return;
    const tall = rowHeight(height);
    for (const one of run.links) {
      const ys = [yOf(one.a, height), yOf(one.b, height)];
      if (ys[0] === undefined || ys[1] === undefined) continue;
      if (one.to < view.from || one.from > view.to) continue;
      const ends = [Math.max(margin.left, xOf(one.from, width)), Math.min(width, xOf(one.to, width))];
      pen.fillStyle = one.isUp ? colors.up : colors.cut;
      const thick = Math.max(1, Math.min(3, tall * 0.12));
      const side = Math.min(10, tall * 0.36) * (one.isUp ? 1 : -1);
      for (const y of ys) pen.fillRect(ends[0], y + side - thick / 2, Math.max(1, ends[1] - ends[0]), thick);
      pen.strokeStyle = one.isUp ? colors.up : colors.cut;
      pen.lineWidth = 1;
      pen.setLineDash([2, 3]);
      pen.beginPath();
      for (const [at, x] of [[one.from, ends[0]], [one.to, ends[1]]]) {
        if (at < view.from || at > view.to) continue;
        pen.moveTo(x, ys[0]);
        pen.lineTo(x, ys[1]);
      }
      pen.stroke();
      pen.setLineDash([]);
      drawn.links += 1;
      for (const y of ys) {
        found.push({ box: [ends[0], y + side - 2, ends[1], y + side + 2], rank: 1, text: () => [
          `${nameOf(one.a)} – ${nameOf(one.b)}`,
          `${one.isUp ? 'connected' : 'link cut'} for ${span(one.to - one.from)}`, one.from] });
      }
    }
  };
  const arrow = (pen, x0, y0, x1, y1, wide) => {
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
    pen.lineWidth = wide;
    pen.stroke();
    const long = Math.hypot(x1 - x0, y1 - y0);
    if (long < 12) return;
    const size = Math.min(long / 3, 4.5 + wide);
    const [ux, uy] = [(x1 - x0) / long, (y1 - y0) / long];
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x1 - ux * size - uy * size * 0.45, y1 - uy * size + ux * size * 0.45);
    pen.lineTo(x1 - ux * size + uy * size * 0.45, y1 - uy * size - ux * size * 0.45);
    pen.fill();
  };
  const drawTransfers = (pen, width, height) => {
    if (!shown.transfers) return;
    const inView = run.transfers.filter((one) => one.arrived >= view.from && one.sent <= view.to &&
      rowOf.has(one.from) && rowOf.has(one.to));
    // Many lines on little room become a surface; so much ink is left that it is seen where they are.
    pen.globalAlpha = Math.max(0.16, Math.min(0.85, 500 / inView.length));
    for (const one of inView) {
      const y0 = yOf(one.from, height);
      const y1 = yOf(one.to, height);
      const x0 = xOf(one.sent, width);
      const x1 = xOf(one.arrived, width);
      pen.strokeStyle = pen.fillStyle = one.isSpoiled ? colors.spoiled : colors.sync;
      if (one.isSpoiled) pen.setLineDash([5, 3]);
      arrow(pen, x0, y0, x1, y1, widthOf(one.bytes / one.count));
      if (one.isSpoiled) pen.setLineDash([]);
      drawn.transfers += 1;
      found.push({ line: [x0, y0, x1, y1], rank: 2, text: () => [
        `${nameOf(one.from)} → ${nameOf(one.to)}`,
        `${bytes(one.bytes)}${one.count > 1 ? ` in ${number(one.count)} sends` : ''}` +
        `, ${span(one.arrived - one.sent)} until it arrived` +
        (one.isSpoiled ? '; lost or damaged on the way' : ''), one.sent] });
    }
    pen.globalAlpha = 1;
  };
  const drawHandovers = (pen, width, height) => {
    if (!shown.handovers) return;
    for (const one of run.handovers) {
      const y0 = yOf(one.from, height);
      const y1 = yOf(one.to, height);
      if (y0 === undefined || y1 === undefined) continue;
      const last = one.arrived === undefined ? one.sent : one.arrived;
      if (last < view.from || one.sent > view.to) continue;
      const x0 = xOf(one.sent, width);
      const x1 = xOf(last, width);
      pen.strokeStyle = pen.fillStyle = colors.rights;
      if (one.arrived === undefined) pen.setLineDash([2, 3]);
      arrow(pen, x0, y0, x1, y1, 2);
      pen.setLineDash([]);
      drawn.handovers += 1;
      found.push({ line: [x0, y0, x1, y1], rank: 3, text: () => [
        `${nameOf(one.from)} → ${nameOf(one.to)}`, `hands on rights to ${bytes(one.bytes)}` +
        (one.arrived === undefined ? ', which never arrive' : `, known there ${span(last - one.sent)} later`),
        one.sent] });
    }
  };
  const shapes = {
    operation: (pen, x, y, size) => pen.fillRect(x - 0.75, y - size, 1.5, 2 * size),
    refusal: (pen, x, y, size) => { pen.strokeRect(x - 1.5, y - size, 3, 2 * size); },
    crash: (pen, x, y, size) => {
      pen.lineWidth = 2.4;
      pen.beginPath();
      pen.moveTo(x - size, y - size); pen.lineTo(x + size, y + size);
      pen.moveTo(x + size, y - size); pen.lineTo(x - size, y + size);
      pen.stroke();
    },
    restart: (pen, x, y, size) => polygon(pen, [[x - size, y - size], [x + size, y], [x - size, y + size]]),
    conflict: (pen, x, y, size) => polygon(pen, [[x, y - size * 1.3], [x + size, y], [x, y + size * 1.3], [x - size, y]]),
    rights: (pen, x, y, size) => { pen.beginPath(); pen.arc(x, y, size, 0, 7); pen.fill(); },
    fault: (pen, x, y, size) => pen.fillRect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6),
  };
  const polygon = (pen, points) => {
    pen.beginPath();
    points.forEach(([x, y], index) => (index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
    pen.closePath();
    pen.fill();
  };
  const order = ['operation', 'refusal', 'fault', 'restart', 'rights', 'crash', 'conflict'];
  const switchOf = (kind) =>
    (kind === 'refusal' ? shown.operation : kind === 'rights' ? shown.handovers : shown[kind]);
  const drawMarks = (pen, width, height) => {
    const tall = rowHeight(height);
    const size = Math.max(1.5, Math.min(6, tall * 0.3));
    for (const kind of order) {
      if (!switchOf(kind)) continue;
      pen.fillStyle = pen.strokeStyle = colors[kind];
      for (const mark of run.marks) {
        if (mark.kind !== kind || mark.at < view.from || mark.at > view.to) continue;
        const y = yOf(mark.device, height);
        if (y === undefined) continue;
        const x = xOf(mark.at, width);
        pen.lineWidth = 1;
        shapes[kind](pen, x, y, size);
        drawn.marks += 1;
        found.push({ box: [x - size, y - size, x + size, y + size], rank: kind === 'operation' ? 4 : 5,
          text: () => [nameOf(mark.device), `${kind === 'operation' ? '' : `${kind}: `}${run.texts[mark.text]}`, mark.at] });
      }
    }
  };
  const drawRemarks = (pen, width, height) => {
    if (!shown.remark) return;
    let end = -1;
    pen.textAlign = 'left';
    for (const mark of run.marks) {
      if (mark.device >= 0 || mark.at < view.from || mark.at > view.to) continue;
      const x = xOf(mark.at, width);
      pen.fillStyle = colors.soft;
      polygon(pen, [[x - 4, 0], [x + 4, 0], [x, 7]]);
      drawn.marks += 1;
      found.push({ box: [x - 5, 0, x + 5, 9], rank: 5, text: () => ['', run.texts[mark.text], mark.at] });
      end = x;
    }
  };
  const drawViolations = (pen, width, height) => {
    if (!shown.violation) return;
    for (const one of run.violations) {
      if (one.at < view.from || one.at > view.to) continue;
      const x = xOf(one.at, width);
      const y = one.device === undefined ? margin.top + 6 : yOf(one.device, height);
      if (y === undefined) continue;
      pen.strokeStyle = colors.bad;
      pen.lineWidth = 3;
      pen.beginPath();
      pen.arc(x, y, 9, 0, 7);
      pen.stroke();
      drawn.violations += 1;
      found.push({ box: [x - 10, y - 10, x + 10, y + 10], rank: 6, text: () => [
        one.device === undefined ? '' : nameOf(one.device), `${one.rule}: ${one.message}`, one.at] });
    }
  };
  const drawDiagram = () => {
    const { pen, width, height } = prepare($('diagram'));
    found = [];
    drawn = { rows: 0, spans: 0, links: 0, transfers: 0, handovers: 0, marks: 0, violations: 0 };
    axis(pen, width, height, true);
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, width, height - margin.bottom);
    pen.clip();
    drawRows(pen, width, height);
    pen.beginPath();
    pen.rect(margin.left - 1, 0, width, height);
    pen.clip();
    drawLinks(pen, width, height);
    drawSpans(pen, width, height);
    drawTransfers(pen, width, height);
    drawMarks(pen, width, height);
    drawHandovers(pen, width, height);
    drawRemarks(pen, width, height);
    drawViolations(pen, width, height);
    pen.restore();
    drawn.rows = rows.length;
    if (pointer !== null && pointer.x > margin.left) crosshair(pen, height);
    $('window').textContent = `${clock(view.from, true)} to ${clock(view.to, true)}` +
      (view.rows < rows.length || rows.length < run.devices.length
        ? `; ${Math.round(Math.min(view.rows, rows.length))} of ${run.devices.length} devices` : '');
  };
  const crosshair = (pen, height) => {
    pen.strokeStyle = colors.soft;
    pen.lineWidth = 0.5;
    pen.beginPath();
    pen.moveTo(pointer.x, 0);
    pen.lineTo(pointer.x, height);
    pen.stroke();
  };

  // ---- Curves ----

  /// Steps over time: lines of values that hold until the next point.
  const curve = (canvas, points, lines, format) => {
    const { pen, width, height } = prepare(canvas);
    axis(pen, width, height, false);
    const most = Math.max(1, ...lines.flatMap((line) => points.map(line.value)));
    const y = (value, line) => height - 6 - value / (line.most || most) * (height - 26);
    lines.forEach((line, place) => {
      pen.strokeStyle = pen.fillStyle = colors[line.color];
      pen.lineWidth = 1.8;
      pen.beginPath();
      let isFirst = true;
      let last = 0;
      for (const point of points) {
        const x = Math.max(margin.left, Math.min(width - margin.right, xOf(point.at, width)));
        if (isFirst) pen.moveTo(x, y(line.value(point), line));
        else { pen.lineTo(x, last); pen.lineTo(x, y(line.value(point), line)); }
        last = y(line.value(point), line);
        isFirst = false;
      }
      pen.stroke();
      pen.textAlign = 'right';
      pen.fillText(format(line.most || most, line, place), margin.left - 7, 14 + place * 15);
    });
    if (pointer !== null && pointer.x > margin.left) crosshair(pen, height);
    pen.textAlign = 'left';
    let x = margin.left + 8;
    const here = pointer === null ? undefined : before(points, timeAt(pointer.x, width));
    for (const line of lines) {
      pen.fillStyle = colors[line.color];
      const text = line.name + (here ? ` ${line.text(here)}` : '');
      pen.fillText(text, x, 9);
      x += pen.measureText(text).width + 18;
    }
  };
  const before = (points, time) => {
    let last;
    for (const point of points) { if (point.at > time) break; last = point; }
    return last;
  };
  const drawCurves = () => {
    const behind = Math.max(1, ...run.lag.map((one) => one.behind));
    const worst = Math.max(1, ...run.lag.map((one) => one.worst));
    curve($('lag'), run.lag, [
      { name: 'devices behind', color: 'sync', most: behind, value: (one) => one.behind, text: (one) => `${one.behind}` },
      { name: 'oldest missing', color: 'conflict', most: worst, value: (one) => one.worst, text: (one) => span(one.worst) },
    ], (value, line) => (line.color === 'sync' ? `${value}` : short(value)));
    curve($('pool'), run.pool, [
      { name: 'granted', color: 'good', value: (one) => one.granted, text: (one) => bytes(one.granted) },
      { name: 'reserved', color: 'rights', value: (one) => one.reserved, text: (one) => bytes(one.reserved) },
      { name: 'used', color: 'sync', value: (one) => one.used, text: (one) => bytes(one.used) },
    ].filter((line) => run.pool.some((one) => one.granted > 0) || line.name === 'used'),
    (value, line, place) => (place === 0 ? bytes(value) : ''));
  };

  let isPlanned = false;
  const draw = () => {
    if (!isPlanned) return;
    isPlanned = false;
    drawDiagram();
    drawCurves();
    root.dataset.drawn = JSON.stringify(drawn);
  };
  const plan = () => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(draw);
    // Where nothing is shown, such as behind another window, there are no frames.
    setTimeout(draw, 150);
  };

  // ---- Moving about ----

  const look = (from, to) => {
    const wide = Math.min(whole, Math.max(2, to - from));
    const start = Math.min(Math.max(0, from), whole - wide);
    view.from = start;
    view.to = start + wide;
    plan();
  };
  const zoom = (factor, around) => {
    const at = around === undefined ? (view.from + view.to) / 2 : around;
    look(at - (at - view.from) * factor, at + (view.to - at) * factor);
  };
  const move = (part) => look(view.from + (view.to - view.from) * part, view.to + (view.to - view.from) * part);
  const lookRows = (top, count) => {
    view.rows = Math.min(Math.max(1, rows.length), Math.max(Math.min(3, rows.length), count));
    view.top = Math.min(Math.max(0, top), Math.max(0, rows.length - view.rows));
    plan();
  };
  const lookAtAll = () => { look(0, whole); lookRows(0, rows.length); };

  const diagram = $('diagram');
  diagram.addEventListener('wheel', (event) => {
    event.preventDefault();
    const box = diagram.getBoundingClientRect();
    const amount = event.deltaY || event.deltaX;
    const factor = Math.exp(Math.max(-1, Math.min(1, amount / 300)));
    if (event.shiftKey) {
      const place = view.top + (event.clientY - box.top - margin.top) / rowHeight(box.height);
      lookRows(place - (place - view.top) * factor, view.rows * factor);
    } else {
      zoom(factor, timeAt(event.clientX - box.left, box.width));
    }
  }, { passive: false });
  let grip = null;
  diagram.addEventListener('pointerdown', (event) => {
    grip = { x: event.clientX, y: event.clientY, from: view.from, to: view.to, top: view.top, far: false };
    diagram.setPointerCapture(event.pointerId);
  });
  diagram.addEventListener('pointermove', (event) => {
    const box = diagram.getBoundingClientRect();
    pointer = { x: event.clientX - box.left, y: event.clientY - box.top };
    if (grip !== null) {
      if (Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > 4) grip.far = true;
      if (grip.far) {
        diagram.classList.add('moving');
        const wide = box.width - margin.left - margin.right;
        const shift = (event.clientX - grip.x) / wide * (grip.to - grip.from);
        look(grip.from - shift, grip.to - shift);
        lookRows(grip.top - (event.clientY - grip.y) / rowHeight(box.height), view.rows);
      }
    }
    hover(event);
    plan();
  });
  diagram.addEventListener('pointerup', (event) => {
    const box = diagram.getBoundingClientRect();
    if (grip !== null && !grip.far && event.clientX - box.left < margin.left) {
      const device = rows[Math.floor(view.top + (event.clientY - box.top - margin.top) / rowHeight(box.height))];
      if (device !== undefined) {
        only = only === device ? null : device;
        chooseRows();
        plan();
      }
    }
    grip = null;
    diagram.classList.remove('moving');
  });
  diagram.addEventListener('pointerleave', () => { pointer = null; $('tip').hidden = true; plan(); });
  diagram.addEventListener('dblclick', (event) => {
    const box = diagram.getBoundingClientRect();
    if (event.clientX - box.left > margin.left) zoom(0.4, timeAt(event.clientX - box.left, box.width));
  });
  diagram.addEventListener('keydown', (event) => {
    const actions = {
      ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2),
      ArrowUp: () => lookRows(view.top - Math.max(1, view.rows * 0.1), view.rows),
      ArrowDown: () => lookRows(view.top + Math.max(1, view.rows * 0.1), view.rows),
      '+': () => zoom(0.6), '=': () => zoom(0.6), '-': () => zoom(1 / 0.6), 0: lookAtAll,
      Home: () => look(0, view.to - view.from), End: () => look(whole, whole + view.to - view.from),
      PageUp: () => lookRows(view.top + view.rows * 0.2, view.rows * 0.6),
      PageDown: () => lookRows(view.top - view.rows / 3, view.rows / 0.6),
    };
    if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    actions[event.key]();
  });
  $('zoom-in').onclick = () => zoom(0.6);
  $('zoom-out').onclick = () => zoom(1 / 0.6);
  $('earlier').onclick = () => move(-0.3);
  $('later').onclick = () => move(0.3);
  $('whole').onclick = () => { only = null; $('filter').value = ''; chooseRows(); lookAtAll(); };
  $('filter').oninput = () => { only = null; chooseRows(); plan(); };

  // ---- Hovering ----

  const distance = (shape, x, y) => {
    if (shape.box) {
      const [left, top, right, bottom] = shape.box;
      return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    }
    const [x0, y0, x1, y1] = shape.line;
    const long = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const part = long === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / long));
    return Math.hypot(x - x0 - part * (x1 - x0), y - y0 - part * (y1 - y0));
  };
  const hover = (event) => {
    const tip = $('tip');
    const near = found.map((shape) => ({ shape, far: distance(shape, pointer.x, pointer.y) }))
      .filter((one) => one.far < 6)
      .sort((a, b) => b.shape.rank - a.shape.rank || a.far - b.far).slice(0, 5);
    tip.hidden = near.length === 0 || (grip !== null && grip.far);
    if (tip.hidden) return;
    tip.replaceChildren(...near.map(({ shape }) => {
      const [who, what, at] = shape.text();
      const line = element('div');
      line.append(element('b', who), document.createTextNode(`${who ? ': ' : ''}${what} (${clock(at, true)})`));
      return line;
    }));
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, window.innerWidth - box.width - 8))}px`;
    const below = event.clientY + 16;
    tip.style.top = `${below + box.height > window.innerHeight ? Math.max(4, event.clientY - box.height - 10) : below}px`;
  };

  // ---- Around the diagram ----

  const icons = {
    line: 'M1 8H18M13 4L18 8L13 12', dots: 'M1 8H4M7 8H10M13 8H16', tick: 'M9 3V13', diamond: 'M9 2L14 8L9 14L4 8Z',
    cross: 'M4 3L14 13M14 3L4 13', triangle: 'M5 3L14 8L5 13Z', square: 'M5 4H13V12H5Z', flag: 'M4 3H14L9 11Z',
    ring: 'M14 8A5 5 0 1 1 4 8A5 5 0 1 1 14 8',
  };
  for (const [key, name, color, icon] of kinds) {
    shown[key] = true;
    const label = element('label');
    const box = element('input');
    box.type = 'checkbox';
    box.checked = true;
    const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    picture.setAttribute('viewBox', '0 0 20 16');
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', icons[icon]);
    const isFilled = ['diamond', 'triangle', 'square', 'flag'].includes(icon);
    path.style.fill = isFilled ? `var(--${color})` : 'none';
    path.style.stroke = `var(--${color})`;
    path.style.strokeWidth = '2';
    picture.append(path);
    label.append(box, picture, element('span', name));
    box.onchange = () => {
      shown[key] = box.checked;
      label.className = box.checked ? '' : 'off';
      plan();
    };
    $('legend').append(label);
  }

  const showViolations = () => {
    if (run.violations.length === 0) return;
    $('broken').hidden = false;
    for (const one of run.violations) {
      const item = element('li');
      const line = element('p');
      line.append(element('span', one.rule, 'rule'), document.createTextNode(` at ${clock(one.at, true)}: ${one.message}`));
      const button = element('button', 'look at it');
      button.onclick = () => {
        // As much as the last dozen of things that were said took.
        const first = one.before[Math.max(0, one.before.length - 12)];
        const near = Math.max(50, first ? one.at - first.at : whole / 100);
        look(one.at - near * 1.2, one.at + near * 0.2);
        diagram.scrollIntoView({ block: 'center' });
        diagram.focus({ preventScroll: true });
      };
      item.append(line, button);
      if (one.before.length > 0) {
        const more = element('details');
        more.open = run.violations.length === 1;
        more.append(element('summary', `what was said before (the last ${one.before.length})`));
        const table = element('table');
        for (const remark of one.before) {
          const row = element('tr');
          row.append(element('td', clock(remark.at, true)), element('td', remark.text));
          table.append(row);
        }
        more.append(table);
        item.append(more);
      }
      $('violations').append(item);
    }
  };

  const showBytes = () => {
    const shownMax = 40;
    const list = run.devices.map((device, place) => ({ device, place }))
      .sort((a, b) => b.device.sent - a.device.sent || a.place - b.place);
    const most = Math.max(1, list.length > 0 ? list[0].device.sent : 1);
    const names = [...run.laneNames.map((name) => `cells of lane ${name}`), 'greetings and the rest'];
    const keys = element('div', undefined, 'keys');
    names.forEach((name, place) => {
      const key = element('span');
      const spot = element('i');
      spot.style.background = `var(--lane${place})`;
      key.append(spot, document.createTextNode(name));
      keys.append(key);
    });
    $('bytes').append(keys);
    for (const { device } of list.slice(0, shownMax)) {
      const cells = device.lanes.reduce((sum, one) => sum + one, 0);
      const parts = [...device.lanes, Math.max(0, device.sent - cells)];
      const track = element('div', undefined, 'track');
      parts.forEach((part, place) => {
        if (part === 0) return;
        const piece = element('span');
        piece.style.width = `${part / most * 100}%`;
        piece.style.background = `var(--lane${place})`;
        piece.title = `${names[place]}: ${bytes(part)}`;
        track.append(piece);
      });
      $('bytes').append(element('div', device.name, 'name'), track,
        element('div', `${bytes(device.sent)} sent, ${bytes(device.received)} received`, 'amount'));
    }
    if (list.length > shownMax) {
      const rest = list.slice(shownMax).reduce((sum, one) => sum + one.device.sent, 0);
      $('bytes').append(element('div', 'others', 'name'), element('div'),
        element('div', `${list.length - shownMax} devices sent ${bytes(rest)}`, 'amount'));
    }
  };

  // ---- Size ----

  let chosenHeight = null;
  const resize = () => {
    const wanted = Math.max(220, Math.min(rows.length * 56 + 40, Math.max(320, window.innerHeight * 0.62)));
    diagram.style.height = `${chosenHeight || wanted}px`;
    fitMargin(diagram.clientWidth);
    plan();
  };
  const handle = $('handle');
  handle.addEventListener('pointerdown', (event) => {
    const start = { y: event.clientY, height: diagram.clientHeight };
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (moved) => {
      chosenHeight = Math.max(140, start.height + moved.clientY - start.y);
      resize();
    };
    handle.onpointerup = () => { handle.onpointermove = null; };
  });
  window.addEventListener('resize', resize);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColors(); plan(); });

  showViolations();
  showBytes();
  readColors();
  chooseRows();
  resize();
  isPlanned = true;
  draw();
  diagram.setAttribute('aria-label', `Space-time diagram: ${run.devices.length} devices, ` +
    `${run.transfers.length} arrows, ${run.violations.length} broken rules`);
  $('lag').setAttribute('aria-label', 'How far devices were behind, over time');
  $('pool').setAttribute('aria-label', 'Granted, reserved and used data, over time');
  root.dataset.report = JSON.stringify({ devices: run.devices.length, violations: run.violations.length,
    sessions: run.sessions, bytes: run.bytes, passed: run.passed });
})();
