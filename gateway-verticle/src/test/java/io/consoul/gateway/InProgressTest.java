package io.consoul.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What a gateway instance has in progress")
class InProgressTest {

  @Test
  @DisplayName("tells everybody who waits when it has ended, and whoever comes later")
  void ended() {
    InProgress work = new InProgress();
    work.begin();
    Future<Void> one = work.ended();
    Future<Void> two = work.ended();
    work.end();
    assertThat(one.isComplete()).isTrue();
    assertThat(two.isComplete()).isTrue();
    assertThat(work.ended().isComplete()).isTrue();

    work.begin();
    Future<Void> again = work.ended();
    assertThat(again.isComplete()).isFalse();
    work.end();
    assertThat(again.isComplete()).isTrue();
  }
}
