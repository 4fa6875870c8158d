// Charts: SVG in a fixed box, which the page scales.

const box = { width: 460, height: 230, left: 46, right: 12, top: 10, bottom: 34 };

/** Round values that divide a range into a few steps. */
function ticks(low, high, count = 5) {
  const step0 = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(step0));
  const step = [1, 2, 2.5, 5, 10].find(factor => factor * power >= step0) * power;
  const result = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-6; value += step) {
    result.push(Number(value.toPrecision(12)));
  }
  return result;
}

const linear = value => value;
const logit = value => Math.log(value / (1 - value));

/** A scale from values, transformed by `f`, to places in the box. */
function axis([low, high], [from, to], f = linear) {
  const span = f(high) - f(low) || 1;
  const scale = value => from + (f(value) - f(low)) / span * (to - from);
  scale.range = [low, high];
  return scale;
}

const horizontal = (range, f) => axis(range, [box.left, box.width - box.right], f);
const vertical = range => axis(range, [box.height - box.bottom, box.top]);

/** The frame of a chart: grid, numbers and the titles of the axes. */
function frame(x, y, titles, xTicks) {
  const [bottom, right] = [box.height - box.bottom, box.width - box.right];
  return [
    ticks(...y.range).map(value => [
      svg("line", { class: "grid", x1: box.left, x2: right, y1: y(value), y2: y(value) }),
      svg("text", { x: box.left - 5, y: y(value) + 4, "text-anchor": "end" }, brief(value)),
    ]),
    (xTicks || ticks(...x.range)).map(value =>
      svg("text", { x: x(value), y: bottom + 15, "text-anchor": "middle" }, brief(value))),
    svg("text", { x: (box.left + right) / 2, y: box.height - 3, "text-anchor": "middle" }, titles.x),
    svg("title", {}, titles.name),
  ].flat(2);
}

function canvas(titles, ...children) {
  return svg("svg", {
    viewBox: `0 0 ${box.width} ${box.height}`, role: "img", "aria-label": titles.name,
  }, ...children);
}

function legend(names, isBox) {
  return el("div", { class: "legend" }, names.map(([name, number, dashed]) => el("span", {},
    el("i", { class: `b${number}${isBox ? " box" : ""}`, style: dashed ? "opacity:.5" : null }), name)));
}

/** The range of values, with a little room above. */
function rangeOf(values, low = 0) {
  const high = Math.max(...values, low);
  return [Math.min(low, ...values), high === low ? low + 1 : high + (high - low) * 0.05];
}

/**
 * Lines over a common axis. A series is {name, points: [[x, y]], color, dashed, dots}.
 * Moving over the chart reads the values nearest to the pointer.
 */
function lineChart(titles, series, options = {}) {
  series = series.filter(one => one.points.length > 0);
  if (series.length === 0) return null;
  const all = series.flatMap(one => one.points);
  const x = horizontal(options.x || rangeOf(all.map(p => p[0])), options.transform);
  const y = vertical(options.y || rangeOf(all.map(p => p[1]), options.low));
  const readout = el("div", { class: "readout", "aria-live": "off" });
  const cursor = svg("line", { class: "mark", y1: box.top, y2: box.height - box.bottom, visibility: "hidden" });
  const lines = series.map(one => [
    one.points.length > 1 ? svg("polyline", {
      class: `series s${one.color}${one.dashed ? " dashed" : ""}`,
      points: one.points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" "),
    }) : null,
    one.dots || one.points.length === 1 ? one.points.map(([a, b]) =>
      svg("circle", { class: `f${one.color}`, cx: x(a), cy: y(b), r: 3 })) : null,
  ]);
  const chart = canvas(titles, frame(x, y, titles, options.ticks), options.marks ? options.marks(x, y) : null,
    lines.flat(2), cursor);
  const read = event => {
    const bounds = chart.getBoundingClientRect();
    const place = (event.clientX - bounds.left) / bounds.width * box.width;
    const nearest = points => points.reduce((best, point) =>
      Math.abs(x(point[0]) - place) < Math.abs(x(best[0]) - place) ? point : best);
    const found = series.map(one => [one.name, nearest(one.points)]);
    const at = nearest(found.map(([, point]) => point))[0];
    cursor.setAttribute("x1", x(at));
    cursor.setAttribute("x2", x(at));
    cursor.setAttribute("visibility", "visible");
    readout.textContent = `${titles.x} ${brief(at)}: `
      + found.map(([name, point]) => `${name} ${brief(point[1])}`).join(", ");
  };
  chart.addEventListener("pointermove", read);
  return el("div", { class: "chart" },
    titles.heading ? el("h3", {}, titles.heading) : null,
    legend(series.map(one => [one.name, one.color, one.dashed])), chart, readout);
}

/** Labels by frequency and F1: the size of a dot tells the errors. */
function scatterChart(points, choose) {
  const titles = { name: "F1 of each label by its training rows", x: "training rows (logarithmic)" };
  const most = Math.max(10, ...points.map(p => p.train));
  const x = horizontal([0.8, most * 1.2], Math.log10), y = vertical([0, 1.04]);
  const decades = [];
  for (let value = 1; value <= most; value *= 10) decades.push(value);
  const sizes = [[0, 3], [5, 5], [20, 8], [100, 12], [Infinity, 17]];
  const place = p => [x(Math.max(p.train, 0.8)), y(p.f1)];
  const dots = sizes.map(([, width], i) => {
    const low = i === 0 ? -1 : sizes[i - 1][0];
    const path = points.filter(p => p.errors > low && p.errors <= sizes[i][0])
      .map(p => "M" + place(p).map(v => v.toFixed(1)).join(" ") + "h0").join("");
    return path ? svg("path", { class: "dots", d: path, "stroke-width": width }) : null;
  });
  const ring = svg("circle", { class: "series s1", r: 7, visibility: "hidden" });
  const readout = el("div", { class: "readout" },
    "Point at a dot for its label; click to see it in the table. Large dots have many errors.");
  const chart = canvas(titles, frame(x, y, titles, decades), dots, ring);
  const nearest = event => {
    const bounds = chart.getBoundingClientRect(), factor = box.width / bounds.width;
    const [a, b] = [(event.clientX - bounds.left) * factor, (event.clientY - bounds.top) * factor];
    const distance = p => (place(p)[0] - a) ** 2 + (place(p)[1] - b) ** 2;
    return points.reduce((best, p) => distance(p) < distance(best) ? p : best);
  };
  chart.addEventListener("pointermove", event => {
    const p = nearest(event);
    ring.setAttribute("cx", place(p)[0]);
    ring.setAttribute("cy", place(p)[1]);
    ring.setAttribute("visibility", "visible");
    readout.textContent = `${p.name}: ${plural(p.train, "training row")}, F1 ${figure(p.f1)}, `
      + plural(p.errors, "error");
  });
  chart.addEventListener("click", event => choose(nearest(event)));
  return el("div", { class: "chart" }, el("h3", {}, "Frequency and F1"), chart, readout);
}
