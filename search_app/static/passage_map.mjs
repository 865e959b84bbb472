// The map of passages: points on a canvas that can be moved, zoomed, pointed at and selected. What it draws comes as one
// block of bytes (search_app/views/explore/passage_map.py); the text of a point is asked for when the pointer rests on it
// and is drawn by the server; a selection goes into the address. Constant text; words are only ever set as textContent.
const PLOTS = new WeakMap();
const SIDE = 10000; // coordinates are hundredths of the map's hundred units
const PAD = 26;
const REST_MS = 70;
const MOST_CORNERS = 30;
const MOST_ZOOM = 60;

const read = (bytes) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const told = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = bytes.byteOffset + 4 + length; // padded, so that numbers of two bytes lie on an even place
  const n = told.points;
  told.x = new Uint16Array(bytes.buffer.slice(start, start + 2 * n));
  told.y = new Uint16Array(bytes.buffer.slice(start + 2 * n, start + 4 * n));
  told.group = bytes.subarray(4 + length + 4 * n, 4 + length + 5 * n);
  told.isIn = bytes.subarray(4 + length + 5 * n, 4 + length + 6 * n);
  return told;
};

class Plot {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.tool = "move";
    this.zoom = 1;
    this.centre = [SIDE / 2, SIDE / 2];
    this.corners = []; // of what is being selected, in coordinates of the map
    this.pointers = new Map();
    this.over = -1;
    this.told = null;
    this.sprites = new Map();
    this.listen();
  }

  update(told, ask) {
    this.told = told;
    this.ask = ask;
    this.sprites.clear();
    const say = told.words;
    this.canvas.setAttribute("aria-label", say.plot);
    this.root.querySelector(".pk-plot-tools").setAttribute("aria-label", say.tools);
    this.root.querySelector(".pk-plot-hint").textContent = say.wheel;
    for (const button of this.root.querySelectorAll("[data-say]")) {
      const words = say[button.dataset.say];
      button.title = words;
      if (button.dataset.sign) button.setAttribute("aria-label", words); else button.textContent = words;
    }
    const ys = told.y;
    let [low, high] = [SIDE, 0];
    for (let i = 0; i < ys.length; i++) { if (ys[i] < low) low = ys[i]; if (ys[i] > high) high = ys[i]; }
    this.height = Math.max(high - low, SIDE / 3);
    this.middle = ys.length ? (low + high) / 2 : SIDE / 2;
    if (this.zoom === 1) this.centre = [SIDE / 2, this.middle];
    this.grid = null;
    this.show();
  }

  // Pixels of the canvas from coordinates of the map, and back.
  get scale() { return this.zoom * Math.min((this.wide - 2 * PAD) / SIDE, (this.high - 2 * PAD) / this.height); }
  across(x) { return this.wide / 2 + (x - this.centre[0]) * this.scale; }
  down(y) { return this.high / 2 - (y - this.centre[1]) * this.scale; }
  place(px, py) {
    return [this.centre[0] + (px - this.wide / 2) / this.scale, this.centre[1] - (py - this.high / 2) / this.scale];
  }

  get radius() { return Math.min(7, Math.max(1, 22 / this.told.points ** 0.3) * this.zoom ** 0.4 * Math.min(1, 0.4 + this.wide / 1200)); }

  show() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => { this.waits = false; this.draw(); });
  }

  draw() {
    const { canvas, told } = this;
    const box = canvas.getBoundingClientRect();
    if (!told || !box.width) return;
    const dots = devicePixelRatio || 1;
    this.wide = box.width;
    this.high = box.height;
    if (canvas.width !== Math.round(box.width * dots) || canvas.height !== Math.round(box.height * dots)) {
      canvas.width = Math.round(box.width * dots);
      canvas.height = Math.round(box.height * dots);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    pen.clearRect(0, 0, box.width, box.height);
    const style = getComputedStyle(canvas);
    const tones = [...this.root.querySelectorAll(".pk-plot-tones i")].map((one) => getComputedStyle(one).color);
    const rest = tones.pop();
    const key = [tones, rest, this.radius, dots].join();
    if (key !== this.key) { this.sprites.clear(); this.key = key; }
    this.points(pen, tones, rest, dots);
    this.labels(pen, style);
    this.outline(pen, style);
    if (this.over >= 0) {
      pen.strokeStyle = style.color;
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(this.across(told.x[this.over]), this.down(told.y[this.over]), this.radius + 4, 0, 7);
      pen.stroke();
    }
    canvas.dataset.drawn = String(told.points);
  }

  points(pen, tones, rest, dots) {
    const { told } = this;
    const { x, y, group, isIn, points, looks, chosen } = told;
    const r = this.radius;
    const [k, left, top] = [this.scale, this.wide / 2 - this.centre[0] * this.scale, this.high / 2 + this.centre[1] * this.scale];
    const behind = this.sprite(rest, 0, r * 0.85, dots);
    const faces = looks.map(([tone, shape]) => this.sprite(tones[tone], shape, r, dots));
    const drawn = (want) => {
      pen.globalAlpha = want ? 0.9 : 0.5;
      for (let i = 0; i < points; i++) {
        const lit = isIn[i] === 1 && (chosen === 0 || group[i] === chosen);
        if (lit !== want) continue;
        const px = left + x[i] * k;
        const py = top - y[i] * k;
        if (px < -r || py < -r || px > this.wide + r || py > this.high + r) continue;
        const face = want ? faces[group[i] - 1] : behind;
        pen.drawImage(face.image, px - face.half, py - face.half, 2 * face.half, 2 * face.half);
      }
    };
    if (chosen || told.isSub) drawn(false);
    drawn(true);
    pen.globalAlpha = 1;
  }

  // A point drawn once and copied: a copy takes a tenth of a drawing.
  sprite(colour, shape, r, dots) {
    const key = `${colour} ${shape} ${r}`;
    if (!this.sprites.has(key)) {
      const half = Math.ceil(r * 1.5) + 1;
      const image = document.createElement("canvas");
      image.width = image.height = Math.ceil(2 * half * dots);
      const pen = image.getContext("2d");
      pen.scale(dots, dots);
      pen.translate(half, half);
      pen.fillStyle = colour;
      pen.beginPath();
      if (shape === 0) pen.arc(0, 0, r, 0, 7);
      else if (shape === 1) pen.rect(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r);
      else {
        const s = 1.3 * r;
        const corners = shape === 2 ? [[0, -s], [s, 0.8 * s], [-s, 0.8 * s]] : [[0, -s], [s, 0], [0, s], [-s, 0]];
        for (const [cx, cy] of corners) pen.lineTo(cx, cy);
      }
      pen.fill();
      this.sprites.set(key, { image, half });
    }
    return this.sprites.get(key);
  }

  labels(pen, style) {
    const { told } = this;
    const size = this.wide < 480 ? 12 : 13.5;
    const placed = [];
    pen.font = `600 ${size}px ${style.fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    const order = [...told.groups].sort((a, b) => (b.number === told.chosen) - (a.number === told.chosen));
    for (const one of order) {
      if (told.chosen && one.number !== told.chosen) continue;
      const [px, py] = [this.across(one.x * 100), this.down(one.y * 100)];
      if (px < 0 || py < 0 || px > this.wide || py > this.high) continue;
      const names = [one.terms.slice(0, this.wide < 480 ? 1 : 2).join("、"), one.terms[0] || "", ""];
      for (const name of names) {
        const text = `${one.number} ${name}`.trim();
        const half = pen.measureText(text).width / 2 + 3;
        const at = Math.min(Math.max(px, half), this.wide - half);
        if (placed.some(([x, y, h]) => Math.abs(x - at) < h + half && Math.abs(y - py) < size * 1.35)) continue;
        placed.push([at, py, half]);
        pen.strokeStyle = style.backgroundColor;
        pen.lineWidth = 4;
        pen.strokeText(text, at, py);
        pen.fillStyle = style.color;
        pen.fillText(text, at, py);
        break;
      }
    }
  }

  outline(pen, style) {
    const drawing = this.corners.length > 1;
    let corners = drawing ? this.corners : (this.told.area || []).map((pair) => pair.map((number) => number * 100));
    if (corners.length < 2) return;
    if (corners.length === 2) {
      const [[ax, ay], [bx, by]] = corners;
      corners = [[ax, ay], [bx, ay], [bx, by], [ax, by]];
    }
    pen.beginPath();
    for (const [x, y] of corners) pen.lineTo(this.across(x), this.down(y));
    pen.closePath();
    pen.strokeStyle = style.color;
    pen.setLineDash([6, 4]);
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 0.07;
    pen.fillStyle = style.color;
    pen.fill();
    pen.globalAlpha = 1;
  }

  // The nearest point within a finger's width, by a grid of the map.
  nearest(px, py, reach) {
    const { x, y, points, isIn, group, chosen } = this.told;
    const cells = 128;
    if (!this.grid) {
      this.grid = new Map();
      for (let i = 0; i < points; i++) {
        const key = Math.floor((x[i] * cells) / (SIDE + 1)) * cells + Math.floor((y[i] * cells) / (SIDE + 1));
        if (!this.grid.has(key)) this.grid.set(key, []);
        this.grid.get(key).push(i);
      }
    }
    const [mx, my] = this.place(px, py);
    const far = reach / this.scale;
    let [best, least] = [-1, far * far];
    const cell = (value) => Math.min(cells - 1, Math.max(0, Math.floor((value * cells) / (SIDE + 1))));
    for (let a = cell(mx - far); a <= cell(mx + far); a++) {
      for (let b = cell(my - far); b <= cell(my + far); b++) {
        for (const i of this.grid.get(a * cells + b) || []) {
          const d = (x[i] - mx) ** 2 + (y[i] - my) ** 2;
          const lit = isIn[i] === 1 && (!chosen || group[i] === chosen);
          if (lit && d < least) [best, least] = [i, d];
        }
      }
    }
    return best;
  }

  card() { return document.querySelector(`.pk-plot-card[data-pk-point="${this.over}"]`); }

  // The card of the point that is pointed at, beside it and inside the window.
  follow() {
    const shown = document.querySelector(".pk-plot-card");
    if (!shown) return;
    const card = this.over >= 0 ? this.card() : null;
    if (!card) { shown.style.display = "none"; return; }
    const box = this.canvas.getBoundingClientRect();
    const [px, py] = [box.left + this.across(this.told.x[this.over]), box.top + this.down(this.told.y[this.over])];
    card.style.display = "block";
    const { width, height } = card.getBoundingClientRect();
    const left = px + 16 + width < innerWidth ? px + 16 : Math.max(8, px - width - 16);
    card.style.left = `${Math.min(left, Math.max(8, innerWidth - width - 8))}px`;
    card.style.top = `${Math.max(8, py + 14 + height < innerHeight ? py + 14 : py - height - 14)}px`;
    if (this.goes === this.over) { this.goes = -1; card.querySelector("a")?.click(); }
  }

  point(i) {
    if (i === this.over) return;
    this.over = i;
    this.canvas.style.cursor = i >= 0 ? "pointer" : this.tool === "move" ? "grab" : "crosshair";
    clearTimeout(this.resting);
    if (i >= 0 && !this.card()) this.resting = setTimeout(() => this.ask("point", i), REST_MS);
    this.follow();
    this.show();
  }

  zoomAt(factor, px, py) {
    const before = this.place(px, py);
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, this.zoom * factor));
    const after = this.place(px, py);
    this.centre = this.zoom === 1
      ? [SIDE / 2, this.middle]
      : [this.centre[0] + before[0] - after[0], this.centre[1] + before[1] - after[1]];
    this.moved();
  }

  moveBy(dx, dy) {
    this.centre = [this.centre[0] - dx / this.scale, this.centre[1] + dy / this.scale];
    this.moved();
  }

  moved() { this.touches(); this.point(-1); this.show(); }

  take(name) {
    this.tool = name;
    for (const button of this.root.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === name));
    }
    this.canvas.style.cursor = name === "move" ? "grab" : "crosshair";
    this.touches();
  }

  // A finger scrolls the page while there is nothing else for it to do on the map.
  touches() { this.canvas.style.touchAction = this.tool === "move" && this.zoom === 1 ? "pan-y" : "none"; }

  // A selection is a place of the page: its corners go into the address.
  select() {
    const { corners } = this;
    this.corners = [];
    const wide = (axis) => Math.max(...corners.map((c) => c[axis])) - Math.min(...corners.map((c) => c[axis]));
    if (corners.length < 2 || Math.max(wide(0), wide(1)) * this.scale < 6) { this.show(); return; }
    const step = Math.ceil(corners.length / MOST_CORNERS);
    const kept = corners.filter((_, i) => i % step === 0);
    if (corners.length > 2 && kept.length < 3) { this.show(); return; }
    const numbers = kept.flat().map((number) => +Math.min(9999, Math.max(-9999, number / 100)).toFixed(2));
    this.told.area = kept.map((pair) => pair.map((number) => number / 100));
    this.show();
    const link = this.root.querySelector("a.pk-go");
    const params = new URLSearchParams(this.told.here);
    params.set("area", numbers.join(","));
    link.href = `?${params}`;
    link.click();
  }

  listen() {
    const { canvas, root } = this;
    this.take("move");
    root.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.tool) this.take(button.dataset.tool);
      if (button.dataset.do === "in") this.zoomAt(1.6, this.wide / 2, this.high / 2);
      if (button.dataset.do === "out") this.zoomAt(1 / 1.6, this.wide / 2, this.high / 2);
      if (button.dataset.do === "all") this.zoomAt(0, 0, 0);
    });
    canvas.addEventListener("wheel", (event) => {
      // A wheel over the map scrolls the page, until the reader has turned to the map.
      if (!event.ctrlKey && document.activeElement !== canvas) return;
      event.preventDefault();
      this.zoomAt(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (step) this.moveBy(...step);
      else if (event.key === "+" || event.key === "=") this.zoomAt(1.6, this.wide / 2, this.high / 2);
      else if (event.key === "-") this.zoomAt(1 / 1.6, this.wide / 2, this.high / 2);
      else if (event.key === "0") this.zoomAt(0, 0, 0);
      else if (event.key === "Escape") { this.corners = []; this.point(-1); this.show(); return; }
      else return;
      event.preventDefault();
    });
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
      this.start = [event.offsetX, event.offsetY];
      this.dragged = false;
      this.corners = this.tool === "move" || this.pointers.size > 1 ? [] : [this.place(event.offsetX, event.offsetY)];
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = [event.offsetX, event.offsetY];
      const before = this.pointers.get(event.pointerId);
      if (!before) { if (this.told && this.wide) this.point(this.nearest(...at, 10)); return; }
      if (Math.hypot(at[0] - this.start[0], at[1] - this.start[1]) > 4) this.dragged = true;
      if (!this.dragged) return;
      this.point(-1);
      if (this.pointers.size === 2) {
        const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
        const [now, then] = [at, before].map((p) => Math.hypot(p[0] - other[0], p[1] - other[1]));
        if (then > 8) this.zoomAt(now / then, (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
      } else if (this.tool === "move") this.moveBy(at[0] - before[0], at[1] - before[1]);
      else if (this.tool === "box") this.corners = [this.corners[0], this.place(...at)];
      else this.corners.push(this.place(...at));
      this.pointers.set(event.pointerId, at);
      this.show();
    });
    const end = (event) => {
      if (!this.pointers.delete(event.pointerId)) return;
      if (event.type === "pointerup" && this.dragged && this.tool !== "move" && !this.pointers.size) this.select();
      else if (event.type === "pointerup" && !this.dragged && this.told) {
        const i = this.nearest(event.offsetX, event.offsetY, event.pointerType === "touch" ? 18 : 10);
        // A finger points first and follows the link of the card; a mouse has pointed already.
        if (event.pointerType !== "touch" && i >= 0) this.goes = i;
        this.corners = [];
        this.point(i);
        if (this.goes === i) this.follow();
      } else this.corners = [];
      this.show();
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", () => { if (!this.pointers.size) this.point(-1); });
    this.watches = [
      new ResizeObserver(() => this.show()),
      new MutationObserver(() => { this.follow(); }),
      matchMedia("(prefers-color-scheme: dark)"),
    ];
    this.watches[0].observe(canvas);
    this.watches[1].observe(document.querySelector(".stApp") || document.body, { childList: true, subtree: true });
    this.recolour = () => this.show();
    this.watches[2].addEventListener("change", this.recolour);
  }

  end() {
    this.watches[0].disconnect();
    this.watches[1].disconnect();
    this.watches[2].removeEventListener("change", this.recolour);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".pk-plot");
  if (!root || !data) return undefined;
  let plot = PLOTS.get(root);
  if (!plot) PLOTS.set(root, plot = new Plot(root));
  plot.update(read(data), setStateValue);
  return () => { plot.end(); PLOTS.delete(root); };
}
