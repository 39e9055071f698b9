"""Machine instructions behind `fixed.py`: 128-bit products, bit scans, prefetch.

Imported only where the engine is compiled. Each overload replaces one plain function, whose
Python body says what it does.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

I64 = ir.IntType(64)
I128 = ir.IntType(128)
E12 = 10**12


def _signed_divide_positive(builder: Any, a: Any, b: Any, c: Any) -> tuple[Any, Any]:
    """Emit floor(a*b/c) and its remainder for c > 0; |floor| has at most 62 bits."""
    wide = builder.mul(builder.sext(a, I128), builder.sext(b, I128))
    narrow = builder.trunc(wide, I64)
    fits = builder.icmp_signed("==", builder.sext(narrow, I128), wide)
    quotient = cgutils.alloca_once(builder, I64)
    remainder = cgutils.alloca_once(builder, I64)
    with builder.if_else(fits, likely=True) as (small, large):
        with small:
            builder.store(builder.sdiv(narrow, c), quotient)
            builder.store(builder.srem(narrow, c), remainder)
        with large:
            negative = builder.icmp_signed("<", wide, ir.Constant(I128, 0))
            size = builder.select(negative, builder.neg(wide), wide)
            # Where c is known, only one of the two is left.
            is_quick = builder.icmp_signed("==", c, ir.Constant(I64, E12))
            with builder.if_else(is_quick) as (known, unknown):
                with known:
                    q1, r1 = _divide_quick(builder, size)
                    end1 = builder.block
                with unknown:
                    high = builder.trunc(builder.lshr(size, ir.Constant(I128, 64)), I64)
                    low = builder.trunc(size, I64)
                    q2, r2 = _divide_wide(builder, high, low, c)
                    end2 = builder.block
            q, r = builder.phi(I64), builder.phi(I64)
            for first, second, phi in ((q1, q2, q), (r1, r2, r)):
                phi.add_incoming(first, end1)
                phi.add_incoming(second, end2)
            builder.store(builder.select(negative, builder.neg(q), q), quotient)
            builder.store(builder.select(negative, builder.neg(r), r), remainder)
    q, r = builder.load(quotient), builder.load(remainder)
    below = builder.icmp_signed("<", r, ir.Constant(I64, 0))
    floor = builder.select(below, builder.sub(q, ir.Constant(I64, 1)), q)
    rest = builder.select(below, builder.add(r, c), r)
    return floor, rest


def _divide_quick(builder: Any, size: Any) -> tuple[Any, Any]:
    """Emit size / 10^12 in two steps of 64 bits, for which products and shifts are enough.

    10^12 is 2^12 times a number of 28 bits. With a quotient of at most 62 bits size / 2^12 is below
    2^90: its upper 55 bits are divided first, and what they leave goes on with the lower 35.
    """
    odd = ir.Constant(I64, E12 >> 12)
    shifted = builder.lshr(size, ir.Constant(I128, 12))
    upper = builder.trunc(builder.lshr(shifted, ir.Constant(I128, 35)), I64)
    lower = builder.and_(builder.trunc(shifted, I64), ir.Constant(I64, (1 << 35) - 1))
    first = builder.udiv(upper, odd)
    rest = builder.or_(builder.shl(builder.urem(upper, odd), ir.Constant(I64, 35)), lower)
    quotient = builder.add(builder.shl(first, ir.Constant(I64, 35)), builder.udiv(rest, odd))
    product = builder.mul(quotient, ir.Constant(I64, E12))
    return quotient, builder.sub(builder.trunc(size, I64), product)


def _divide_wide(builder: Any, high: Any, low: Any, divisor: Any) -> tuple[Any, Any]:
    """Emit (high·2⁶⁴ + low) / divisor by two 32-bit digits (Hacker's Delight, divlu)."""
    def constant(value: int) -> Any:
        return ir.Constant(I64, value)

    shift = builder.ctlz(divisor, ir.Constant(ir.IntType(1), 0))
    d = builder.shl(divisor, shift)
    d1, d0 = builder.lshr(d, constant(32)), builder.and_(d, constant(0xFFFFFFFF))
    wide = builder.or_(builder.shl(builder.zext(high, I128), ir.Constant(I128, 64)),
                       builder.zext(low, I128))
    wide = builder.shl(wide, builder.zext(shift, I128))
    top = builder.trunc(builder.lshr(wide, ir.Constant(I128, 64)), I64)
    rest = builder.trunc(wide, I64)
    n1, n0 = builder.lshr(rest, constant(32)), builder.and_(rest, constant(0xFFFFFFFF))
    q1, top = _divide_digit(builder, top, n1, d, d1, d0)
    q0, top = _divide_digit(builder, top, n0, d, d1, d0)
    quotient = builder.add(builder.shl(q1, constant(32)), q0)
    return quotient, builder.lshr(top, shift)


def _divide_digit(builder: Any, top: Any, digit: Any, d: Any, d1: Any, d0: Any) -> tuple[Any, Any]:
    """Emit one 32-bit digit of the quotient and what remains."""
    base = ir.Constant(I64, 1 << 32)
    one = ir.Constant(I64, 1)
    q = cgutils.alloca_once_value(builder, builder.udiv(top, d1))
    r = cgutils.alloca_once_value(builder, builder.urem(top, d1))
    for _ in range(2):
        estimate, rest = builder.load(q), builder.load(r)
        too_big = builder.icmp_unsigned(">=", estimate, base)
        shifted = builder.or_(builder.shl(rest, ir.Constant(I64, 32)), digit)
        over = builder.icmp_unsigned(">", builder.mul(estimate, d0), shifted)
        open_ = builder.icmp_unsigned("<", rest, base)
        wrong = builder.and_(open_, builder.or_(too_big, over))
        builder.store(builder.select(wrong, builder.sub(estimate, one), estimate), q)
        builder.store(builder.select(wrong, builder.add(rest, d1), rest), r)
    estimate = builder.load(q)
    joined = builder.or_(builder.shl(top, ir.Constant(I64, 32)), digit)
    return estimate, builder.sub(joined, builder.mul(estimate, d))


@intrinsic
def _mul_div_floor(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _signed_divide_positive(builder, *args)[0]

    return types.int64(types.int64, types.int64, types.int64), codegen


@intrinsic
def _mul_rem(typingctx: Any, a: Any, b: Any, c: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _signed_divide_positive(builder, *args)[1]

    return types.int64(types.int64, types.int64, types.int64), codegen


@intrinsic
def _cttz(typingctx: Any, word: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), codegen


@intrinsic
def _ctlz(typingctx: Any, word: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), codegen


@intrinsic
def _multiply_fits(typingctx: Any, a: Any, b: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = builder.mul(builder.sext(args[0], I128), builder.sext(args[1], I128))
        limit = ir.Constant(I128, (1 << 62) - 1)
        low = builder.icmp_signed("<=", builder.neg(limit), wide)
        return builder.and_(low, builder.icmp_signed("<=", wide, limit))

    return types.boolean(types.int64, types.int64), codegen


@intrinsic
def _prefetch(typingctx: Any, rows: Any, slot: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = builder.gep(array.data, [args[1]])
        byte_pointer = builder.bitcast(pointer, ir.IntType(8).as_pointer())
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer()] + [ir.IntType(32)] * 3),
            "llvm.prefetch.p0",
        )
        flags = [ir.Constant(ir.IntType(32), value) for value in (1, 3, 1)]
        builder.call(function, [byte_pointer, *flags])
        return context.get_dummy_value()

    return types.none(rows, types.int64), codegen


def overload_fixed(fixed: Any) -> None:
    """Tell Numba what to emit for the plain functions of the module `fixed`."""
    options: dict[str, Any] = {"inline": "never", "jit_options": {
        "_nrt": False, "forceinline": True, "error_model": "numpy",
        "no_cpython_wrapper": True, "no_cfunc_wrapper": True}}

    @overload(fixed.mul_div_floor, **options)
    def choose_mul_div_floor(a, b, c):
        return lambda a, b, c: _mul_div_floor(a, b, c)

    @overload(fixed.mul_div_ceil, **options)
    def choose_mul_div_ceil(a, b, c):
        return lambda a, b, c: -_mul_div_floor(-a, b, c)

    @overload(fixed.mul_rem, **options)
    def choose_mul_rem(a, b, c):
        return lambda a, b, c: _mul_rem(a, b, c)

    @overload(fixed.count_trailing_zeros, **options)
    def choose_count_trailing_zeros(word):
        return lambda word: _cttz(word)

    @overload(fixed.find_highest_bit, **options)
    def choose_find_highest_bit(word):
        return lambda word: 63 - _ctlz(word)

    @overload(fixed.prefetch, **options)
    def choose_prefetch(rows, slot):
        return lambda rows, slot: _prefetch(rows, slot)

    @overload(fixed.multiply_fits, **options)
    def choose_multiply_fits(a, b):
        return lambda a, b: _multiply_fits(a, b)
