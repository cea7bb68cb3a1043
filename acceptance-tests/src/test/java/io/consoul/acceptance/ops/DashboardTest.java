package io.consoul.acceptance.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The dashboard")
class DashboardTest {

  private static final int COLUMNS = 24;

  private final JsonObject dashboard = new JsonObject(OpsFiles.text(Queries.DASHBOARD));
  private final List<JsonObject> panels = OpsFiles.objects(dashboard, "panels");

  @Test
  @DisplayName("has panels with a title, a query and a place of their own")
  void panels() {
    assertThat(panels).extracting(panel -> panel.getInteger("id")).doesNotHaveDuplicates();
    Set<Integer> taken = new HashSet<>();
    assertThat(panels).allSatisfy(panel -> {
      assertThat(panel.getString("title")).isNotBlank();
      if (!panel.getString("type").equals("row")) {
        assertThat(OpsFiles.objects(panel, "targets")).isNotEmpty();
      }
      JsonObject place = panel.getJsonObject("gridPos");
      int right = place.getInteger("x") + place.getInteger("w");
      assertThat(right).isLessThanOrEqualTo(COLUMNS);
      for (int x = place.getInteger("x"); x < right; x++) {
        for (int y = 0; y < place.getInteger("h"); y++) {
          assertThat(taken.add((place.getInteger("y") + y) * COLUMNS + x)).isTrue();
        }
      }
    });
  }

  @Test
  @DisplayName("tells of each alert in the panel that shows why")
  void alerts() {
    String text = OpsFiles.text(Queries.DASHBOARD);
    Set<String> elsewhere = Set.of("NodeDown", "NoNode", "NoProvider");

    assertThat(Alert.all())
        .extracting(Alert::name)
        .filteredOn(name -> !elsewhere.contains(name))
        .allSatisfy(name -> assertThat(text).contains(name));
  }

  @Test
  @DisplayName("is found by Grafana where the provisioning says, with its data source")
  void provisioned() {
    JsonObject provider = OpsFiles.objects(
            OpsFiles.yaml("ops/grafana/provisioning/dashboards/consoul.yml"), "providers")
        .get(0);
    JsonObject grafana =
        OpsFiles.at(OpsFiles.yaml("ops/compose/compose.yml"), "services", "grafana");
    String folder = OpsFiles.at(provider, "options").getString("path");

    assertThat(OpsFiles.texts(grafana, "volumes"))
        .contains("../grafana/dashboards:" + folder + ":ro");
    assertThat(OpsFiles.objects(
            OpsFiles.yaml("ops/grafana/provisioning/datasources/prometheus.yml"), "datasources"))
        .extracting(source -> source.getString("url"))
        .containsExactly("http://prometheus:9090");
  }
}
