! The model "Fortran": the naive loops, one thread, left to the compiler. The baseline that the others are compared with.
! Not here: memory and arguments (../../plugin/), and the calls (threads.c). Built by ../../build.ts once for each
! precision, with -DRK=c_double -DJACOBI=jacobi_f64 -DRELAX=relax_f64 or their f32 likes, and -ffp-contract=off.
!
! Element (j, i) is column j of row i: the first index runs along a row, as memory does. Parentheses fix the
! association: a compiler must honour them.

! `count` sweeps from u to v, v to u, and so on; change = max |new - old| of the last one.
subroutine JACOBI(u, v, g, an, as, aw, ae, layout, rows, cols, stride, row0, row1, col0, col1, cx, cy, count, change) &
    bind(C)
  use, intrinsic :: iso_c_binding
  implicit none
  integer(c_int32_t), parameter :: LAPLACE_PERIODIC_ROWS = 4
  integer(c_int32_t), parameter :: LAPLACE_PERIODIC_COLS = 8
  integer(c_int32_t), value :: layout, rows, cols, row0, row1, col0, col1, count
  integer(c_int64_t), value :: stride
  real(c_double), value :: cx, cy
  real(RK), intent(inout), dimension(0:stride-1, 0:rows-1) :: u, v
  real(RK), intent(in), optional, dimension(0:stride-1, 0:rows-1) :: g, an, as, aw, ae
  real(c_double), intent(out) :: change
  integer :: k
  do k = 1, count
    if (mod(k, 2) == 1) then
      call sweep(u, v)
    else
      call sweep(v, u)
    end if
  end do
  call norm()
contains

  subroutine sweep(u, v)
    real(RK), intent(in) :: u(0:stride-1, 0:rows-1)
    real(RK), intent(inout) :: v(0:stride-1, 0:rows-1)
    real(RK), parameter :: quarter = 0.25
    real(RK) :: x, y
    integer :: i, j
    x = real(cx, RK)
    y = real(cy, RK)
    do i = 1, rows - 2
      if (present(an)) then
        do j = 1, cols - 2
          v(j, i) = ((an(j, i) * u(j, i-1) + as(j, i) * u(j, i+1)) &
                   + (aw(j, i) * u(j-1, i) + ae(j, i) * u(j+1, i))) + g(j, i)
        end do
      else if (cx == 0.25d0 .and. cy == 0.25d0) then
        do j = 1, cols - 2
          v(j, i) = quarter * ((u(j, i-1) + u(j, i+1)) + (u(j-1, i) + u(j+1, i)))
        end do
      else
        do j = 1, cols - 2
          v(j, i) = x * (u(j-1, i) + u(j+1, i)) + y * (u(j, i-1) + u(j, i+1))
        end do
      end if
      if (present(g) .and. .not. present(an)) then
        do j = 1, cols - 2
          v(j, i) = v(j, i) + g(j, i)
        end do
      end if
    end do
    if (iand(layout, LAPLACE_PERIODIC_COLS) /= 0) then ! ghost columns copy the opposite side
      do i = 1, rows - 2
        v(0, i) = v(cols-2, i)
        v(cols-1, i) = v(1, i)
      end do
    end if
    if (iand(layout, LAPLACE_PERIODIC_ROWS) /= 0) then
      do j = 0, cols - 1
        v(j, 0) = v(j, rows-2)
        v(j, rows-1) = v(j, 1)
      end do
    end if
  end subroutine

  subroutine norm()
    real(RK) :: d, most
    integer :: i, j
    most = 0
    do i = row0, row1 - 1
      do j = col0, col1 - 1
        d = abs(u(j, i) - v(j, i))
        if (d > most .or. d /= d) most = d ! NaN stays: no d is larger
      end do
    end do
    change = most
  end subroutine
end subroutine

! `count` half-sweeps u += omega * (sweep(u) - u) of one colour, then the other; change as above, of the last two.
subroutine RELAX(u, g, an, as, aw, ae, layout, rows, cols, stride, row0, row1, col0, col1, cx, cy, omega, colour, &
    count, change) bind(C)
  use, intrinsic :: iso_c_binding
  implicit none
  integer(c_int32_t), parameter :: LAPLACE_PERIODIC_ROWS = 4
  integer(c_int32_t), parameter :: LAPLACE_PERIODIC_COLS = 8
  integer(c_int32_t), parameter :: LAPLACE_ODD = 16
  integer(c_int32_t), value :: layout, rows, cols, row0, row1, col0, col1, colour, count
  integer(c_int64_t), value :: stride
  real(c_double), value :: cx, cy, omega
  real(RK), intent(inout) :: u(0:stride-1, 0:rows-1)
  real(RK), intent(in), optional, dimension(0:stride-1, 0:rows-1) :: g, an, as, aw, ae
  real(c_double), intent(out) :: change
  real(RK), parameter :: quarter = 0.25
  real(RK) :: x, y, w, s, old, d, most
  integer :: i, j, k
  x = real(cx, RK)
  y = real(cy, RK)
  w = real(omega, RK)
  most = 0
  do k = 1, count
    do i = 1, rows - 2
      do j = 1 + mod(i + 1 + layout / LAPLACE_ODD + colour + k - 1, 2), cols - 2, 2
        if (present(an)) then
          s = ((an(j, i) * u(j, i-1) + as(j, i) * u(j, i+1)) &
             + (aw(j, i) * u(j-1, i) + ae(j, i) * u(j+1, i))) + g(j, i)
        else if (cx == 0.25d0 .and. cy == 0.25d0) then
          s = quarter * ((u(j, i-1) + u(j, i+1)) + (u(j-1, i) + u(j+1, i)))
          if (present(g)) s = s + g(j, i)
        else
          s = x * (u(j-1, i) + u(j+1, i)) + y * (u(j, i-1) + u(j, i+1))
          if (present(g)) s = s + g(j, i)
        end if
        old = u(j, i)
        u(j, i) = old + w * (s - old)
        if (k >= count - 1 .and. i >= row0 .and. i < row1 .and. j >= col0 .and. j < col1) then
          d = abs(u(j, i) - old)
          if (d > most .or. d /= d) most = d
        end if
      end do
      if (iand(layout, LAPLACE_PERIODIC_COLS) /= 0) then
        u(0, i) = u(cols-2, i)
        u(cols-1, i) = u(1, i)
      end if
    end do
    if (iand(layout, LAPLACE_PERIODIC_ROWS) /= 0) then
      do j = 0, cols - 1
        u(j, 0) = u(j, rows-2)
        u(j, rows-1) = u(j, 1)
      end do
    end if
  end do
  change = most
end subroutine
