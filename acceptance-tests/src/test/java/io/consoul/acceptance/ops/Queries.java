package io.consoul.acceptance.ops;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What the dashboard and the alerts ask Prometheus for. */
final class Queries {

  static final String DASHBOARD = "ops/grafana/dashboards/consoul.json";

  /** Prometheus makes them itself. */
  private static final Set<String> ITS_OWN = Set.of("up", "ALERTS");

  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "offset", "bool");

  /** Labels, times and what stands in quotes: names that are no metrics. */
  private static final Pattern NO_METRICS = Pattern.compile(
      "\"[^\"]*\"|\\{[^}]*}|\\[[^]]*]|\\b(by|without|on|ignoring|group_left|group_right)\\s*\\([^)]*\\)");

  private static final Pattern NAME = Pattern.compile("\\b[a-zA-Z_:][\\w:]*\\b(?!\\s*\\()");

  private Queries() {}

  static List<String> ofDashboard() {
    List<String> found = new ArrayList<>();
    collect(new JsonObject(OpsFiles.text(DASHBOARD)), found);
    return found;
  }

  static List<String> ofAlerts() {
    return Alert.all().stream().map(Alert::expression).toList();
  }

  /** The metrics of both, but for those that are Prometheus's. */
  static Set<String> metrics() {
    Set<String> names = new TreeSet<>();
    ofDashboard().forEach(query -> names.addAll(metrics(query)));
    ofAlerts().forEach(query -> names.addAll(metrics(query)));
    names.removeAll(ITS_OWN);
    return names;
  }

  static Set<String> metrics(String query) {
    Set<String> names = new TreeSet<>();
    // Quotes first, for braces may stand in them.
    String bare = NO_METRICS.matcher(query.replaceAll("\"[^\"]*\"", "")).replaceAll(" ");
    NAME.matcher(bare).results().forEach(name -> names.add(name.group()));
    names.removeAll(OPERATORS);
    return names;
  }

  private static void collect(Object node, List<String> found) {
    if (node instanceof JsonObject object) {
      object.forEach(entry -> {
        if (entry.getKey().equals("expr")) {
          found.add((String) entry.getValue());
        } else {
          collect(entry.getValue(), found);
        }
      });
    } else if (node instanceof JsonArray array) {
      array.forEach(each -> collect(each, found));
    }
  }
}
