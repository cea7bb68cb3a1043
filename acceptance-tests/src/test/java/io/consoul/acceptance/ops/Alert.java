package io.consoul.acceptance.ops;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** One alert as ops/prometheus/rules has it. */
record Alert(String name, String expression, String duration, JsonObject labels, JsonObject notes) {

  static final String RULES = "ops/prometheus/rules/consoul.rules.yml";

  static List<Alert> all() {
    return OpsFiles.objects(OpsFiles.yaml(RULES), "groups").stream()
        .flatMap(group -> OpsFiles.objects(group, "rules").stream())
        .map(rule -> new Alert(
            rule.getString("alert"),
            rule.getString("expr").strip(),
            rule.getString("for"),
            rule.getJsonObject("labels"),
            rule.getJsonObject("annotations")))
        .toList();
  }
}
