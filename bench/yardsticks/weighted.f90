! Yardstick: Jacobi sweeps of a weighted stencil in Fortran, f64, two arrays and five of coefficients, OpenMP over rows; the
! compiler does the rest.
!   gfortran -O3 -march=native -fopenmp -o weighted weighted.f90
! Usage: OMP_NUM_THREADS=T ./weighted N SWEEPS; prints one JSON line.
program weighted
  use iso_fortran_env, only: int64, real64
  implicit none
  integer :: n, sweeps, k
  integer(int64) :: start, finish, rate
  character(16) :: word
  real(real64), allocatable, dimension(:, :) :: u, v, an, as, aw, ae, g

  call get_command_argument(1, word)
  read (word, *) n
  call get_command_argument(2, word)
  read (word, *) sweeps
  allocate (u(n, n), v(n, n), an(n, n), as(n, n), aw(n, n), ae(n, n), g(n, n))
  !$omp parallel do schedule(static)
  do k = 1, n ! each thread touches first what it will sweep
    u(:, k) = 50
    v(:, k) = 50
    an(:, k) = 0.2d0
    as(:, k) = 0.3d0
    aw(:, k) = 0.1d0
    ae(:, k) = 0.4d0
    g(:, k) = 0
  end do
  call sweep(u, v)
  call sweep(v, u)
  call system_clock(start, rate)
  do k = 1, sweeps, 2
    call sweep(u, v)
    call sweep(v, u)
  end do
  call system_clock(finish)
  print '(a,es14.7,a)', '{"secondsPerSweep":', real(finish - start, real64)/rate/(k - 1), '}'

contains

  subroutine sweep(a, b)
    real(real64), intent(in) :: a(n, n)
    real(real64), intent(inout) :: b(n, n)
    integer :: i, j
    !$omp parallel do schedule(static)
    do j = 2, n - 1
      do i = 2, n - 1
        b(i, j) = ((an(i, j)*a(i, j - 1) + as(i, j)*a(i, j + 1)) + (aw(i, j)*a(i - 1, j) + ae(i, j)*a(i + 1, j))) + g(i, j)
      end do
    end do
  end subroutine
end program
