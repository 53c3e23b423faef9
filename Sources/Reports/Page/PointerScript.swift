/// The page's one script: under the pointer, a line through all charts and the values there.
///
/// Nothing is hidden from a reader without it: it replaces the names at the ends of the curves
/// by names with values for as long as the pointer is over the timeline.
enum PointerScript {
  static let text = """
    (function () {
      var svg = document.querySelector('.timeline svg'), group = svg && svg.querySelector('.pointer');
      if (!group) return;
      var line = group.querySelector('line'), borders = group.dataset.borders.split(',').map(Number);
      var labels = Array.prototype.map.call(svg.querySelectorAll('[data-values]'), function (label) {
        return { label: label, name: label.textContent, values: label.dataset.values.split(',') };
      });
      function show(event) {
        var box = svg.getBoundingClientRect();
        var x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width, bucket = -1;
        if (x >= borders[0] && x < borders[borders.length - 1])
          while (borders[bucket + 1] <= x) bucket++;
        line.setAttribute('x1', bucket < 0 ? -10 : x);
        line.setAttribute('x2', bucket < 0 ? -10 : x);
        labels.forEach(function (entry) {
          entry.label.textContent = bucket < 0 ? entry.name : entry.name + ' ' + entry.values[bucket];
        });
      }
      svg.addEventListener('pointermove', show);
      svg.addEventListener('pointerleave', function () { show({ clientX: -1e6 }); });
    })();
    """
}
