"""Writes the CSV fixtures as a pandas user has them. Made with pandas 2 or 3:

    pip install pandas && python make_pandas_csv.py
"""

import pandas

texts = ["plain", "with, comma", 'a "quoted" word', "two\nlines", "Ünïcödé 中文", " spaces "]
frame = pandas.DataFrame(
    {
        "id": [f"row{i}" for i in range(6)],
        "text": texts,
        "sport": [1, 0, 0, 1, 0, 1],
        "politics": [0.0, 1.0, 0.0, 0.0, 1.0, 0.0],
        "science, applied": [True, False, False, False, True, False],
        "never": [0, 0, 0, 0, 0, 0],
    }
)
frame.to_csv("pandas_wide.csv", index=False)
frame.drop(columns="id").to_csv(
    "pandas_index_bom_crlf.csv", encoding="utf-8-sig", lineterminator="\r\n"
)
names = ["sport", "politics", "science, applied"]
frame["tags"] = frame.apply(lambda row: "|".join(n for n in names if row[n]), axis=1)
frame[["text", "tags", "id"]].to_csv("pandas_labels_column.csv", index=False)
frame["labels"] = frame["tags"].str.split("|").map(lambda tags: [t for t in tags if t])
frame[["id", "text", "labels"]].to_json("pandas.jsonl", orient="records", lines=True)
