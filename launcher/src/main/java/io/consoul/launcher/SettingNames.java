package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.ConfigReport.Setting;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings by names that stay when a list gets another entry: what has a {@code name} in a list is called by that, as in
 * {@code provider.json: providers[vllm].baseUrl}, and the rest by its place.
 */
final class SettingNames {

  private static final Pattern PLACE = Pattern.compile("\\[\\d+]");
  private static final String NAME = "].name";

  /** By their names, with their files before them. */
  static SortedMap<String, Setting> of(ConfigReport report) {
    Map<String, String> entries = new HashMap<>();
    for (Setting setting : report.settings()) {
      String key = full(setting);
      if (key.endsWith(NAME) && !setting.value().isBlank()) {
        entries.put(key.substring(0, key.length() - NAME.length() + 1), setting.value());
      }
    }
    SortedMap<String, Setting> named = new TreeMap<>();
    report.settings().forEach(setting -> named.put(named(full(setting), entries), setting));
    return named;
  }

  /** What of it is not among the others: itself, or the entry of a list that it stands in. */
  static String outermostMissing(String name, SortedMap<String, Setting> others) {
    for (int end = name.indexOf(']'); end >= 0; end = name.indexOf(']', end + 1)) {
      String entry = name.substring(0, end + 1);
      SortedMap<String, Setting> from = others.tailMap(entry);
      if (from.isEmpty() || !from.firstKey().startsWith(entry)) {
        return entry;
      }
    }
    return name;
  }

  private static String full(Setting setting) {
    return setting.file() + ": " + setting.key();
  }

  private static String named(String key, Map<String, String> entries) {
    Matcher places = PLACE.matcher(key);
    StringBuilder named = new StringBuilder();
    while (places.find()) {
      String name = entries.get(key.substring(0, places.end()));
      places.appendReplacement(
          named, Matcher.quoteReplacement(name == null ? places.group() : "[" + name + "]"));
    }
    return places.appendTail(named).toString();
  }

  private SettingNames() {}
}
