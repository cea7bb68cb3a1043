package io.consoul.launcher;

import io.consoul.config.Rule;
import io.consoul.launcher.Meanings.Meaning;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tables of docs/configuration.md. Each stands between two comments there; the rest of the page is written by hand. */
record ConfigPage(Meanings meanings) {

  private static final Pattern TABLE =
      Pattern.compile("(<!-- keys of (\\S+) -->\n).*?(<!-- end -->)", Pattern.DOTALL);

  private static final Map<String, String> UNITS = Map.of(
      "Seconds", " s",
      "Millis", " ms",
      "Bytes", " bytes",
      "Chars", " UTF-16 code units",
      "Tokens", " tokens",
      "Percent", " %");

  /** What stands behind the key. */
  private record Row(Meaning meaning, String cells) {}

  /** @param page as it is; its tables are made anew */
  String renew(String page) {
    return TABLE
        .matcher(page)
        .replaceAll(found ->
            Matcher.quoteReplacement(found.group(1) + table(found.group(2)) + found.group(3)));
  }

  private String table(String file) {
    List<Rule> rules = Settings.of(file);
    Map<Row, List<String>> rows = inSections(rules).stream()
        .collect(Collectors.groupingBy(
            this::row, LinkedHashMap::new, Collectors.mapping(Rule::key, Collectors.toList())));
    StringBuilder table = new StringBuilder(
        "| key | variable | default | allowed | meaning | a change |\n|---|---|---|---|---|---|\n");
    rows.forEach((row, keys) -> table
        .append("| ")
        .append(keys(row.meaning, keys, rules))
        .append(" | ")
        .append(row.cells)
        .append(" |\n"));
    return table.toString();
  }

  /** Those that stand in no section come first. */
  private static List<Rule> inSections(List<Rule> rules) {
    Map<String, List<Rule>> sections = new LinkedHashMap<>();
    sections.put("", new ArrayList<>());
    rules.forEach(rule ->
        sections.computeIfAbsent(section(rule), name -> new ArrayList<>()).add(rule));
    return sections.values().stream().flatMap(List::stream).toList();
  }

  private static String section(Rule rule) {
    return rule.key().contains(".") || Settings.isListOfObjects(rule)
        ? rule.key().replaceFirst("[.\\[].*", "")
        : "";
  }

  private Row row(Rule rule) {
    String cells = String.join(
        " | ",
        rule.variables().stream().map(ConfigPage::code).collect(Collectors.joining(", ")),
        rule.fallback().isEmpty() ? "none" : code(rule.fallback()),
        allowed(rule),
        meanings.of(rule).map(Meaning::sentence).orElse(""),
        ConfigChange.isLive(rule.file() + ": " + rule.key()) ? "live" : "restart");
    return new Row(meanings.of(rule).orElse(new Meaning(rule.key(), "")), cells);
  }

  /** A star for keys that all have the same row. */
  private String keys(Meaning meaning, List<String> keys, List<Rule> rules) {
    long all = rules.stream()
        .filter(rule -> meanings.of(rule).filter(meaning::equals).isPresent())
        .count();
    return keys.size() > 1 && keys.size() == all
        ? code(meaning.key())
        : keys.stream().map(ConfigPage::code).collect(Collectors.joining(", "));
  }

  private static String allowed(Rule rule) {
    JsonArray forms = rule.form().schema().getJsonArray("anyOf", new JsonArray());
    if (forms.isEmpty() || !forms.getJsonObject(0).containsKey("minimum")) {
      return rule.form().allowed().replaceFirst("^one of ", "");
    }
    JsonObject range = forms.getJsonObject(0);
    String unit = UNITS.entrySet().stream()
        .filter(each -> rule.key().endsWith(each.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
    return range.getValue("minimum") + " to " + range.getValue("maximum") + unit;
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
