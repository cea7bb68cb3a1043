package io.consoul.session;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Lets a test call from its own thread what is confined to one event loop. */
final class Confined {

  private Confined() {}

  /** @param type an interface whose methods all return futures */
  static <T> T to(Context context, Class<T> type, T target) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          Promise<Object> result = Promise.promise();
          context.runOnContext(ready -> call(target, method, arguments).onComplete(result));
          return result.future();
        }));
  }

  @SuppressWarnings("unchecked")
  private static Future<Object> call(Object target, Method method, Object[] arguments) {
    try {
      return (Future<Object>) method.invoke(target, arguments);
    } catch (InvocationTargetException thrown) {
      return Future.failedFuture(thrown.getCause());
    } catch (IllegalAccessException impossible) {
      return Future.failedFuture(impossible);
    }
  }
}
