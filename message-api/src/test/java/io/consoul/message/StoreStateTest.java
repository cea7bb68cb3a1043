package io.consoul.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The state of a store")
class StoreStateTest {

  @Test
  @DisplayName("is whole unless Redis is away")
  void whole() {
    assertThat(StoreState.values())
        .filteredOn(state -> !state.isWhole())
        .containsExactly(StoreState.DEGRADED, StoreState.DOWN);
  }

  @Test
  @DisplayName("is found by its name, and a name of a newer version is none")
  void names() {
    assertThat(StoreState.values())
        .allSatisfy(state -> assertThat(StoreState.of(state.wireName())).isEqualTo(state));
    assertThat(StoreState.of("floppy")).isNull();
    assertThat(StoreState.of(null)).isNull();
  }

  @Test
  @DisplayName("of a version that is not known here leaves the hello readable")
  void unknownInHello() {
    Hello hello = new Hello(Kind.SESSION, "node", "inbox", 5, false, false, 2, StoreState.REDIS);
    JsonObject newer = hello.toJson().put("store", "floppy");

    assertThat(Hello.fromJson(newer))
        .isEqualTo(new Hello(Kind.SESSION, "node", "inbox", 5, false, false, 2));
    assertThat(Hello.fromJson(hello.toJson())).isEqualTo(hello);
  }
}
