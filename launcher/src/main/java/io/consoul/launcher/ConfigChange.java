package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.ConfigReport.Setting;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What differs between two configurations, by the names of the settings.
 *
 * @param live what a running node takes over
 * @param waiting what needs a restart
 */
record ConfigChange(Collection<String> live, Collection<String> waiting) {

  /** Beginnings of what a running node takes over. */
  private static final List<String> LIVE = List.of(
      "gateway.json: accessLog",
      "gateway.json: allowAnonymous",
      "gateway.json: auth.",
      "gateway.json: cors.",
      "gateway.json: trustedProxies",
      "gateway.json: rateLimit.",
      "node.json: logLevel",
      "node.json: logFormat");

  /** What is among those, and is not taken over all the same. */
  private static final List<String> FIXED = List.of(
      "gateway.json: rateLimit.redis.",
      "gateway.json: rateLimit.keyPrefix",
      "gateway.json: rateLimit.strategy",
      "gateway.json: rateLimit.memory.");

  static ConfigChange between(ConfigReport before, ConfigReport after) {
    Map<String, Integer> old = marks(before);
    Map<String, Integer> now = marks(after);
    SortedSet<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    names.removeIf(name -> old.containsKey(name) && old.get(name).equals(now.get(name)));
    SortedSet<String> live = new TreeSet<>();
    SortedSet<String> waiting = new TreeSet<>();
    names.forEach(name -> (isLive(name) ? live : waiting).add(withoutPlace(name)));
    return new ConfigChange(live, waiting);
  }

  private static boolean isLive(String name) {
    return LIVE.stream().anyMatch(name::startsWith) && FIXED.stream().noneMatch(name::startsWith);
  }

  private static Map<String, Integer> marks(ConfigReport report) {
    Map<String, Integer> marks = new TreeMap<>();
    for (Setting setting : report.settings()) {
      marks.put(setting.file() + ": " + setting.key(), setting.mark());
    }
    return marks;
  }

  /** The list that something stands in, where it stands in one. */
  private static String withoutPlace(String name) {
    int bracket = name.indexOf('[');
    return bracket < 0 ? name : name.substring(0, bracket);
  }
}
