// report.html in a real browser.

import Foundation
import Testing

extension WholeProgram {
  @Suite(.enabled(if: Browser.isWanted, "no browser is installed (Debian: chromium)"))
  struct ReportPageTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    /// What tests ask of the table.
    private static let helpers = """
      const names = () => [...document.querySelectorAll("#label-rows > tr:not(.detail) .open")]
        .map(button => button.textContent);
      const column = title => {
        const heads = [...document.querySelectorAll("#label-table th")].map(head => head.textContent);
        const place = heads.indexOf(title);
        return [...document.querySelectorAll("#label-rows > tr:not(.detail)")]
          .map(row => row.cells[place].textContent);
      };
      const press = title => [...document.querySelectorAll("#label-table th button")]
        .find(button => button.textContent === title).click();
      const type = (id, text) => {
        const field = document.getElementById(id);
        field.value = text;
        field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input"));
      };
      """

    private func open(_ script: String, _ page: String = "run/report.html") throws -> [String: Any]
    {
      let outcome = try Browser.open("\(place.path)/\(page)", running: Self.helpers + script)
      #expect(outcome["problems"] as? [String] == [])
      return outcome
    }

    @Test func thePageSortsSearchesFiltersAndTurnsPages() throws {
      try place.useManyLabels()
      #expect(try place.train(Workplace.linear).code == 0)
      let outcome = try open(
        """
        const result = { first: names(), headings: [...document.querySelectorAll("h2")].map(h => h.textContent) };
        press("F1"); result.f1 = column("F1").map(Number);
        press("F1"); result.f1Up = column("F1").map(Number);
        press("label"); result.byName = names();
        document.querySelectorAll("#labels ~ .pager button, .pager button")[1];
        const pager = document.querySelector("#label-table").closest("section").querySelector(".pager");
        pager.querySelectorAll("button")[1].click(); result.second = names();
        result.place = pager.querySelector("span").textContent;
        type("search", "MANY-07"); result.search = names();
        type("search", ""); type("least", "4"); result.least = column("train").map(Number);
        type("least", "");
        const option = document.querySelectorAll("#cause option")[1];
        type("cause", option.value); result.causes = [...new Set(column("likely cause"))];
        result.cause = option.textContent; type("cause", "");
        document.querySelector("#label-rows .open").click();
        result.detail = document.querySelector("#label-rows .detail").textContent;
        result.expanded = document.querySelector("#label-rows .open").getAttribute("aria-expanded");
        type("threshold", "0"); result.threshold = document.getElementById("at-threshold").textContent;
        return result;
        """)
      func list(_ key: String) throws -> [String] { try #require(outcome[key] as? [String]) }
      #expect(try list("first").count == 50)
      for heading in [
        "What to do next", "Training", "Thresholds", "Labels", "Time", "Make it again",
      ] {
        #expect(try list("headings").contains(heading))
      }
      let (down, up) = (
        try #require(outcome["f1"] as? [Double]), try #require(outcome["f1Up"] as? [Double])
      )
      #expect(down == down.sorted(by: >) && up == up.sorted() && up[0] <= down[49])
      #expect(try list("byName") == (0..<50).map { String(format: "many-%03d", $0) })
      #expect(try list("second") == (50..<100).map { String(format: "many-%03d", $0) })
      #expect(outcome["place"] as? String == "51–100 of 150")
      #expect(try list("search").sorted() == (70..<80).map { String(format: "many-%03d", $0) })
      let least = try #require(outcome["least"] as? [Int])
      #expect(!least.isEmpty && least.count < 50 && least.allSatisfy { $0 >= 4 })
      #expect(try list("causes").count == 1)
      #expect((outcome["cause"] as? String)?.hasPrefix(try list("causes")[0]) == true)
      #expect((outcome["detail"] as? String)?.contains("Likely cause") == true)
      #expect(outcome["expanded"] as? String == "true")
      #expect((outcome["threshold"] as? String)?.hasPrefix("At 0.0005") == true)
    }

    @Test func textsAndNamesThatHoldMarkupShowAsText() throws {
      let text =
        #"w00 </script><script>window.taken = 1</script><img src=x onerror='window.taken = 2'> <!-- w01"#
      let name = #"<b>bold</b> & "quoted" </script><script>window.taken = 3</script>"#
      func row(_ index: Int) -> Row {
        Row(id: "<i>row</i> \(index)", text: "\(text) \(index)", labels: [name])
      }
      for (file, count, seed) in [("train", 120, 1), ("valid", 40, 2), ("test", 30, 3)] {
        let rows = Workplace.rows(count, seed: UInt64(seed)) + (0..<10).map(row)
        let lines = try rows.map {
          let object: [String: Any] = ["id": $0.id, "text": $0.text, "labels": $0.labels]
          return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        }
        try place.write("\(file).jsonl", lines.joined(separator: "\n") + "\n")
      }
      // Too short to learn anything: every label is missed somewhere.
      #expect(try place.train("training.max_steps=3", "evaluation.threshold=0.9999").code == 0)
      let outcome = try open(
        """
        type("search", "bold"); document.querySelector("#label-rows .open").click();
        return { name: names()[0], detail: document.querySelector("#label-rows .detail").textContent,
          taken: String(window.taken), scripts: document.scripts.length,
          images: document.images.length, bold: document.querySelectorAll("b b").length };
        """)
      #expect(outcome["name"] as? String == name)
      let detail = try #require(outcome["detail"] as? String)
      #expect(detail.contains(text) && detail.contains("<i>row</i>"))
      #expect(outcome["taken"] as? String == "undefined")
      #expect(outcome["images"] as? Int == 0)
      // The listener, the data, the page's own and this one.
      #expect(outcome["scripts"] as? Int == 4)
    }

    @Test func aComparisonBeginsWithWhatWasWonAndLost() throws {
      #expect(try place.train("output_dir=short", "training.num_train_epochs=2").code == 0)
      #expect(try place.train("output_dir=long").code == 0)
      #expect(try place.run("report", "short", "long").code == 0)
      let outcome = try open(
        """
        return { headings: [...document.querySelectorAll("h2")].map(h => h.textContent),
          changes: column("Δ errors").map(text => Number(text.replace("−", "-"))),
          text: document.body.textContent };
        """, "long/comparison.html")
      #expect((outcome["headings"] as? [String])?.contains("What has changed") == true)
      let changes = try #require(outcome["changes"] as? [Double])
      #expect(changes == changes.sorted() && changes.count == 12)
      #expect((outcome["text"] as? String)?.contains("Won, fewer errors") == true)
    }
  }
}
