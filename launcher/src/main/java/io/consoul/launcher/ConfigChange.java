package io.consoul.launcher;

import io.consoul.config.ConfigReport;
import io.consoul.config.ConfigReport.Setting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What differs between two configurations: the names of the settings, each with the value before and the one after where these are
 * no secrets.
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
      "provider.json: ",
      "gc.json: ",
      "node.json: logLevel",
      "node.json: logFormat");

  /** What is among those, and is not taken over all the same. */
  private static final List<String> FIXED = List.of(
      "gateway.json: rateLimit.redis.",
      "gateway.json: rateLimit.keyPrefix",
      "gateway.json: rateLimit.strategy",
      "gateway.json: rateLimit.memory.",
      "provider.json: instances",
      "provider.json: stream.");

  /** Texts that go into prompts are nobody's business who reads the log. */
  private static final Set<String> UNTOLD = Set.of("session.json: newSessions.systemPrompt");

  /** A longer value says more than a line of the log should. */
  private static final int TOLD = 100;

  static ConfigChange between(ConfigReport before, ConfigReport after) {
    SortedMap<String, Setting> old = SettingNames.of(before);
    SortedMap<String, Setting> now = SettingNames.of(after);
    SortedSet<String> names = new TreeSet<>(old.keySet());
    names.addAll(now.keySet());
    SortedSet<String> live = new TreeSet<>();
    SortedSet<String> waiting = new TreeSet<>();
    for (String name : names) {
      Setting was = old.get(name);
      Setting is = now.get(name);
      if (was == null || is == null || was.mark() != is.mark()) {
        (isLive(name) ? live : waiting).add(told(name, was, is, old, now));
      }
    }
    return new ConfigChange(new ArrayList<>(live), new ArrayList<>(waiting));
  }

  /**
   * Whether a running node takes over another value of it.
   *
   * @param name as in {@code gateway.json: auth.keys}
   */
  static boolean isLive(String name) {
    return LIVE.stream().anyMatch(name::startsWith) && FIXED.stream().noneMatch(name::startsWith);
  }

  private static String told(
      String name,
      Setting was,
      Setting is,
      SortedMap<String, Setting> old,
      SortedMap<String, Setting> now) {
    if (was == null) {
      return SettingNames.outermostMissing(name, old) + " (added)";
    }
    if (is == null) {
      return SettingNames.outermostMissing(name, now) + " (removed)";
    }
    boolean untold = UNTOLD.contains(name)
        || was.value().equals(is.value())
        || Math.max(was.value().length(), is.value().length()) > TOLD;
    return untold ? name + " (another one)" : name + " (" + value(was) + " → " + value(is) + ")";
  }

  private static String value(Setting setting) {
    String value = setting.value();
    String text = value.matches("\\d+\\.0") ? value.substring(0, value.length() - 2) : value;
    return text.isEmpty() ? "none" : text;
  }
}
