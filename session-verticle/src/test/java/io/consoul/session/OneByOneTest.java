package io.consoul.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Many things, one by one")
class OneByOneTest {

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final List<Integer> taken = new ArrayList<>();

  @AfterEach
  void close() {
    StoreFixture.get(vertx.close());
  }

  @Test
  @DisplayName("are done in order, more of them than the stack is deep")
  void many() {
    List<Integer> all = IntStream.range(0, 100_000).boxed().toList();

    assertThat(StoreFixture.get(OutageFixture.on(
            context, () -> OneByOne.each(all, each -> each % 3 == 0 ? take(each) : later(each)))))
        .isTrue();

    assertThat(taken).isEqualTo(all);
  }

  @Test
  @DisplayName("are left when a step says so, or fails")
  void stopped() {
    List<Integer> all = List.of(1, 2, 3);

    assertThat(StoreFixture.get(OneByOne.each(all, each -> take(each).map(each < 2))))
        .isFalse();
    assertThatThrownBy(() -> StoreFixture.get(OneByOne.each(all, each -> {
          take(each);
          return Future.failedFuture("no");
        })))
        .hasMessage("no");

    assertThat(taken).containsExactly(1, 2, 1);
  }

  private Future<Boolean> take(int each) {
    taken.add(each);
    return Future.succeededFuture(true);
  }

  private Future<Boolean> later(int each) {
    Promise<Boolean> done = Promise.promise();
    context.runOnContext(now -> take(each).onComplete(done));
    return done.future();
  }
}
