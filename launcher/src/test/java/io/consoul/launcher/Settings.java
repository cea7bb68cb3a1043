package io.consoul.launcher;

import io.consoul.config.ConfigReader;
import io.consoul.config.ConfigReport;
import io.consoul.config.Overrides;
import io.consoul.config.Rule;
import io.consoul.gateway.GatewayConfig;
import io.consoul.gc.GcConfig;
import io.consoul.provider.ProviderConfig;
import io.consoul.session.SessionConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Every key that the files of conf/ may have, found out by reading. */
final class Settings {

  private static final Map<String, Consumer<ConfigReader>> READERS = new LinkedHashMap<>();

  private static final Map<String, List<Rule>> FOUND = new ConcurrentHashMap<>();

  static {
    READERS.put("gateway.json", GatewayConfig::from);
    READERS.put("session.json", SessionConfig::from);
    READERS.put("provider.json", ProviderConfig::from);
    READERS.put("gc.json", GcConfig::from);
    READERS.put("node.json", NodeConfig::from);
  }

  static Set<String> files() {
    return READERS.keySet();
  }

  /** Reads one file with nothing in the environment. */
  static ConfigReport read(String file, JsonObject json) {
    ConfigReport report = new ConfigReport();
    READERS.get(file).accept(ConfigReader.of(file, json, new Overrides(Map.of()), report));
    return report;
  }

  /** In the order in which they are read, which keeps those of a section together. */
  static List<Rule> of(String file) {
    return FOUND.computeIfAbsent(file, Settings::find);
  }

  private static List<Rule> find(String file) {
    JsonObject json = new JsonObject();
    List<Rule> rules = read(file, json).rules();
    // What an entry of a list may have shows once there is one, and that can have lists of its own.
    for (Set<String> lists = Set.of(); !lists.equals(lists(rules)); ) {
      lists = lists(rules);
      lists.forEach(list -> addEntry(json, list));
      rules = read(file, json).rules();
    }
    return rules;
  }

  static boolean isListOfObjects(Rule rule) {
    return rule.form().schema().getValue("items") instanceof JsonObject items
        && items.getValue("type").toString().contains("object");
  }

  private static Set<String> lists(List<Rule> rules) {
    Set<String> lists = new TreeSet<>();
    rules.stream().filter(Settings::isListOfObjects).map(Rule::key).forEach(lists::add);
    return lists;
  }

  private static void addEntry(JsonObject json, String list) {
    JsonObject place = json;
    String[] path = list.split("\\.");
    for (int i = 0; i < path.length - 1; i++) {
      String key = path[i].replace("[]", "");
      if (path[i].endsWith("[]")) {
        place = place.getJsonArray(key).getJsonObject(0);
      } else {
        place.put(key, place.getJsonObject(key, new JsonObject()));
        place = place.getJsonObject(key);
      }
    }
    String last = path[path.length - 1];
    if (!place.containsKey(last)) {
      place.put(last, new JsonArray().add(new JsonObject()));
    }
  }

  private Settings() {}
}
